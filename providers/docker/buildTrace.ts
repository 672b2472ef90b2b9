/**
 * BuildKit's progress, as the daemon passes it on in base64: steps by name, and what their commands print.
 * Specified by moby/buildkit: api/services/control/control.proto (StatusResponse).
 */
import { BinaryReader } from "google-protobuf";

export interface BuildProgress {
  readonly steps: readonly string[];
  readonly output: string;
}

const fields = { vertexes: 1, logs: 3, name: 3, message: 4 };

export function readTrace(base64: string): BuildProgress {
  const steps: string[] = [];
  let output = "";
  forEachField(Buffer.from(base64, "base64"), (number, reader) => {
    if (number === fields.vertexes) {
      const name = field(reader.readBytes() as Uint8Array, fields.name);
      if (name) steps.push(name.toString("utf8"));
    } else if (number === fields.logs) {
      output += field(reader.readBytes() as Uint8Array, fields.message)?.toString("utf8") ?? "";
    } else reader.skipField();
  });
  return { steps, output };
}

function field(message: Uint8Array, wanted: number): Buffer | undefined {
  let found: Buffer | undefined;
  forEachField(message, (number, reader) => {
    if (number === wanted) found = Buffer.from(reader.readBytes() as Uint8Array);
    else reader.skipField();
  });
  return found;
}

function forEachField(message: Uint8Array, visit: (number: number, reader: BinaryReader) => void): void {
  const reader = new BinaryReader(message);
  while (reader.nextField() && !reader.isEndGroup()) visit(reader.getFieldNumber(), reader);
}
