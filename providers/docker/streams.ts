/**
 * The two kinds of answer that come bit by bit: progress, one JSON object after the other, and the output of containers.
 * Specified by the Docker Engine API ("ImagePush", "ContainerAttach": stream format).
 */
import type { IncomingMessage } from "node:http";
import { UserError } from "../../host/userError";
import type { Operation } from "../rpc/resource";
import type { Json, JsonObject } from "./json";

/** Of a layer that is on its way the daemon tells several times a second how far it is; a log has a line for each that is shown. */
const barPauseMs = 5000;

/** Shows progress as the resource's status; fails where the daemon says so. Resolves to the `aux` objects. */
export async function progress(
  response: IncomingMessage,
  operation: Operation,
  onMessage: (message: JsonObject) => void = () => undefined,
): Promise<JsonObject[]> {
  const aux: JsonObject[] = [];
  let lastBar = 0;
  for await (const line of lines(response)) {
    if (line.trim() === "") continue;
    const message = JSON.parse(line) as JsonObject;
    onMessage(message);
    const failure = (message.errorDetail as JsonObject | undefined)?.message ?? message.error;
    if (failure !== undefined) throw new UserError(String(failure));
    if (typeof message.aux === "object" && message.aux !== null) aux.push(message.aux as JsonObject);
    const said = progressText(message);
    const isBar = Boolean(message.progress);
    if (said === "" || (isBar && Date.now() - lastBar < barPauseMs)) continue;
    if (isBar) lastBar = Date.now();
    operation.status(said);
  }
  return aux;
}

function progressText({ id, status, stream, progress }: JsonObject): string {
  const text = (part: Json | undefined): string => (typeof part === "string" ? part.trim() : "");
  if (typeof stream === "string") return text(stream);
  // Without a status it is not for people: BuildKit's trace, an image's ID.
  if (text(status) === "") return "";
  return [text(id) === "" ? "" : `${text(id)}:`, text(status), text(progress)]
    .filter((part) => part !== "")
    .join(" ");
}

async function* lines(response: IncomingMessage): AsyncGenerator<string> {
  let rest = "";
  response.setEncoding("utf8");
  for await (const chunk of response) {
    const parts = (rest + String(chunk)).split(/\r?\n/);
    rest = parts.pop() as string;
    yield* parts;
  }
  if (rest !== "") yield rest;
}

export async function bytes(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const headerLength = 8;

/** What a container without a terminal printed: each piece has a header with its stream and its length. */
export function withoutHeaders(raw: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at + headerLength <= raw.length; ) {
    const length = raw.readUInt32BE(at + 4);
    pieces.push(raw.subarray(at + headerLength, at + headerLength + length));
    at += headerLength + length;
  }
  return Buffer.concat(pieces);
}
