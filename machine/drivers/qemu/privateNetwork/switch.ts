/** A switch of Ethernet frames between the machines of a cluster: it learns who is where and sends a frame only there. */
import { type Frame, FrameReader, isGroup } from "./frames";

/** What is at the other end of a cable. */
export interface Port {
  /** Frames with their lengths; dropped if the other end does not take them. */
  send(frames: Buffer): void;
}

/** A guest may make up as many addresses as it likes. */
const mostAddresses = 4096;

export class Switch {
  private readonly ports = new Map<Port, FrameReader>();
  private readonly places = new Map<number, Port>();

  get size(): number {
    return this.ports.size;
  }

  attach(port: Port): void {
    this.ports.set(port, new FrameReader());
  }

  detach(port: Port): void {
    this.ports.delete(port);
    for (const [mac, place] of this.places) if (place === port) this.places.delete(mac);
  }

  /** Whether this address was last seen at another port than this one. */
  isElsewhere(mac: number, port: Port): boolean {
    const place = this.places.get(mac);
    return place !== undefined && place !== port;
  }

  /** Passes on what came in at a port; false if that is no stream of frames. */
  receive(port: Port, chunk: Buffer): boolean {
    const read = this.ports.get(port)?.read(chunk);
    if (read === undefined) return false;
    // One write for frames with one way that follow each other, as most do.
    let run: { readonly start: number; readonly way: Port | undefined; end: number } | undefined;
    for (const frame of read.frames) {
      this.learn(frame, port);
      const way = isGroup(frame.to) ? undefined : this.places.get(frame.to);
      if (run !== undefined && run.way === way && run.end === frame.start) {
        run.end = frame.end;
        continue;
      }
      if (run !== undefined) this.send(port, run.way, read.data.subarray(run.start, run.end));
      run = { start: frame.start, end: frame.end, way };
    }
    if (run !== undefined) this.send(port, run.way, read.data.subarray(run.start, run.end));
    return true;
  }

  private learn({ from }: Frame, port: Port): void {
    if (isGroup(from) || this.places.get(from) === port) return;
    if (this.places.size < mostAddresses || this.places.has(from)) this.places.set(from, port);
  }

  private send(from: Port, way: Port | undefined, frames: Buffer): void {
    for (const port of way === undefined ? this.ports.keys() : [way]) if (port !== from) port.send(frames);
  }
}
