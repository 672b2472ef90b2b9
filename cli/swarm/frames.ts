/** The frames of a multiplexed stream: a byte for which stream, three of zero, four for the length, then the bytes (Docker Engine API, "Attach"). */

type Source = "stdout" | "stderr" | "error";

export interface Frame {
  readonly source: Source;
  readonly text: string;
}

const headerLength = 8;

/** `error`: what the daemon itself says of the stream. */
const sourceOf = (type: number): Source => (type === 2 ? "stderr" : type === 3 ? "error" : "stdout");

export async function* frames(stream: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= headerLength) {
      const end = headerLength + rest.readUInt32BE(4);
      if (rest.length < end) break;
      yield { source: sourceOf(rest[0] ?? 1), text: rest.subarray(headerLength, end).toString("utf8") };
      rest = rest.subarray(end);
    }
  }
}

/** A terminal's output has no frames: a frame for each line. */
export async function* lines(stream: AsyncIterable<Buffer>): AsyncGenerator<Frame> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) yield { source: "stdout", text: `${part}\n` };
  }
  if (rest !== "") yield { source: "stdout", text: rest };
}
