/** Ethernet frames in a stream, as QEMU writes them: each after its length in four bytes (`-netdev stream`). */

const header = 4;
/** What QEMU reads at most (NET_BUFSIZE): more is no stream of frames. */
const longest = 4096 + 65536;
/** Two addresses and a type. */
const shortest = 14;

export interface Frame {
  /** Of the frame's length in the data, and of what follows the frame. */
  readonly start: number;
  readonly end: number;
  /** MAC addresses as numbers. */
  readonly to: number;
  readonly from: number;
}

/** Length, then the frame: for what gets it from elsewhere. */
export function framed(frame: Buffer): Buffer {
  const data = Buffer.allocUnsafe(header + frame.length);
  data.writeUInt32BE(frame.length);
  frame.copy(data, header);
  return data;
}

/** Cuts a stream into pieces of whole frames. */
export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);

  /**
   * The frames that are whole now.
   *
   * @returns `data` holds them; undefined if the stream is not one of frames
   */
  read(chunk: Buffer): { readonly data: Buffer; readonly frames: Frame[] } | undefined {
    const data = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const frames: Frame[] = [];
    let start = 0;
    while (data.length - start >= header) {
      const length = data.readUInt32BE(start);
      if (length > longest) return undefined;
      const end = start + header + length;
      if (end > data.length) break;
      if (length >= shortest) {
        const to = data.readUIntBE(start + header, 6);
        frames.push({ start, end, to, from: data.readUIntBE(start + header + 6, 6) });
      }
      start = end;
    }
    this.rest = data.subarray(start);
    return { data, frames };
  }
}

/** Whether it goes to all, or to a group: the lowest bit of the first byte. */
export const isGroup = (mac: number): boolean => Math.floor(mac / 2 ** 40) % 2 === 1;
