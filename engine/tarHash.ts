/**
 * SHA-256 of files packed as a tar archive with mode 0600 and no times or owners, to the byte as Go's archive/tar packs them
 * (POSIX.1-1988 ustar): a name that it cannot hold has a PAX header of POSIX.1-2001 before it.
 */
import { createHash } from "node:crypto";
import { posix } from "node:path";

const nameSize = 100;
const prefixSize = 155;

export function tarHash(files: ReadonlyMap<string, Buffer | string>): string {
  const hash = createHash("sha256");
  const add = (header: Buffer, data: Buffer): void => {
    hash.update(header);
    hash.update(data);
    hash.update(Buffer.alloc((512 - (data.length % 512)) % 512));
  };
  for (const [name, text] of files) {
    const data = Buffer.from(text);
    const parts = ustarName(name);
    if (parts === undefined) {
      const record = paxRecord("path", name);
      const folder = name.slice(0, name.lastIndexOf("/") + 1);
      const named = posix.join(folder, "PaxHeaders.0", name.slice(folder.length));
      // Its fields for a device are empty.
      add(
        header({
          name: ascii(named).slice(0, nameSize).replace(/\/+$/, ""),
          size: record.length,
          type: "x",
          mode: 0,
        }),
        record,
      );
    }
    const { prefix, rest } = parts ?? { prefix: "", rest: shortened(ascii(name)) };
    add(header({ name: rest, prefix, size: data.length, type: "0", mode: 0o600, device: 0 }), data);
  }
  return hash.update(Buffer.alloc(1024)).digest("hex");
}

interface Header {
  readonly name: string;
  readonly prefix?: string;
  readonly size: number;
  readonly type: "0" | "x";
  readonly mode: number;
  readonly device?: number;
}

function header({ name, prefix = "", size, type, mode, device }: Header): Buffer {
  const block = Buffer.alloc(512);
  const octal = (value: number, at: number, length: number): void => {
    block.write(value.toString(8).padStart(length - 1, "0"), at, "latin1");
  };
  block.write(name, 0, nameSize, "latin1");
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write(type, 156);
  block.write("ustar", 257);
  block.write("00", 263);
  if (device !== undefined) {
    octal(device, 329, 8);
    octal(device, 337, 8);
  }
  block.write(prefix, 345, "latin1");
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

/** The field for names has 100 bytes, the one for the folders before it 155; undefined if the name does not fit. */
function ustarName(name: string): { readonly prefix: string; readonly rest: string } | undefined {
  if (ascii(name) !== name) return undefined;
  if (name.length <= nameSize) return { prefix: "", rest: name };
  const cut = name.slice(0, prefixSize + 1).lastIndexOf("/");
  const rest = name.slice(cut + 1);
  return cut > 0 && rest !== "" && rest.length <= nameSize ? { prefix: name.slice(0, cut), rest } : undefined;
}

function ascii(text: string): string {
  return [...text].filter((character) => character > "\0" && character < "\x80").join("");
}

/** A name that is cut must not end as that of a folder. */
function shortened(name: string): string {
  return name.length > nameSize && name[nameSize - 1] === "/"
    ? name.slice(0, nameSize).replace(/\/+$/, "")
    : name;
}

/** `<length> path=<name>` and a line break; the length counts itself. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length = rest + String(length).length;
  return Buffer.from(`${length} ${key}=${value}\n`);
}
