/** Files of checksums as distributions publish them: of sha256sum (Debian, Ubuntu) or with the name in brackets (Fedora, BSD). */
import { readFile } from "node:fs/promises";
import { httpGet } from "../../../host/httpGet";
import { UserError } from "../../../host/userError";
import { algorithmOf, type Checksum } from "./checksum";
import { readSource, type Source, shownSource } from "./source";

const maxBytes = 8 * 1024 ** 2;

interface Line {
  readonly name: string;
  readonly hex: string;
}

/** `HEX  name`, `HEX *name` or `SHA256 (name) = HEX`; other lines, as those of a PGP signature, say nothing. */
function readLine(text: string): Line | undefined {
  const [, hex, name] = /^([0-9a-f]{32,128}) [ *](.+)$/i.exec(text) ?? [];
  if (hex !== undefined && name !== undefined) return { name, hex };
  const [, inBrackets, after] = /^SHA\d+ \((.+)\) = ([0-9a-f]{32,128})$/i.exec(text) ?? [];
  return inBrackets !== undefined && after !== undefined ? { name: inBrackets, hex: after } : undefined;
}

const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/**
 * The strongest checksum that a file of them gives for a file name.
 *
 * @param from where the text is from, for messages
 * @throws UserError if there is none
 */
export function checksumIn(text: string, fileName: string, from: string): Checksum {
  const lines = text
    .split(/\r?\n/)
    .map((line) => readLine(line.trim()))
    .filter((line) => line !== undefined);
  const found = lines
    .filter(({ name }) => baseName(name) === fileName)
    .map(({ hex }) => ({ algorithm: algorithmOf(hex), hex: hex.toLowerCase() }));
  const [best] = found.filter((one): one is Checksum => one.algorithm !== undefined).sort(strongerFirst);
  if (best !== undefined) return best;
  if (found.length > 0) {
    throw new UserError(`${from}: the checksum of ${fileName} is neither SHA-256 nor SHA-512`);
  }
  const names = lines.map(({ name }) => name);
  throw new UserError(
    `${from}: has no checksum of ${fileName}`,
    names.length === 0
      ? "it has no lines as those of sha256sum or sha512sum"
      : `it has: ${names.slice(0, 8).join(", ")}${names.length > 8 ? `, and ${names.length - 8} more` : ""}`,
  );
}

const strongerFirst = (one: Checksum, other: Checksum): number => other.hex.length - one.hex.length;

async function readAll(source: Source): Promise<string> {
  if (source.kind === "file") return readFile(source.path, "utf8");
  const { status, body } = await httpGet(source.url, {
    signal: AbortSignal.timeout(60_000),
    secure: "always",
  });
  if (status !== 200) {
    body.destroy();
    throw new Error(`the server answers ${status} ${body.statusMessage}`);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += (chunk as Buffer).length;
    if (bytes > maxBytes) throw new Error("it is too large to be a file of checksums");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

/**
 * Gets a file of checksums, by URL or path, and returns the one of a file name.
 *
 * @throws UserError if it cannot be had or has none
 */
export async function fetchChecksum(text: string, fileName: string): Promise<Checksum> {
  const source = readSource("checksums", text);
  const shown = shownSource(source);
  const content = await readAll(source).catch((error: unknown) => {
    if (error instanceof UserError) throw error;
    throw new UserError(`the checksums ${shown} cannot be had`, (error as Error).message);
  });
  return checksumIn(content, fileName, shown);
}
