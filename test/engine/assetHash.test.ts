/** Hashes that Pulumi 3.248.0 has given to the same assets and archives. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { assetHash } from "../../engine/assetHash";
import { Archive, Asset } from "../../engine/values";

const dir = mkdtempSync(join(tmpdir(), "asset-hash-"));
afterAll(() => rmSync(dir, { recursive: true }));

function write(name: string, content: string | Buffer): void {
  mkdirSync(dirname(join(dir, name)), { recursive: true });
  writeFileSync(join(dir, name), content);
}

/** Of `a.txt` (50 times a, stored), the folder `d/` and `d/b.txt` (500 times b, deflated). */
const zip = Buffer.from(
  "UEsDBBQAAAAAAAAAIVB9utdHMgAAADIAAAAFAAAAYS50eHRhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYVBLAwQUAAAAAAAAACFQAAAAAAAAAAAAAAAAAgAAAGQvUEsDBBQAAAAIAAAAIVDI/RwTCAAAAPQBAAAHAAAAZC9iLnR4dEtKGgUjDQAAUEsBAhQDFAAAAAAAAAAhUH2610cyAAAAMgAAAAUAAAAAAAAAAAAAAIABAAAAAGEudHh0UEsBAhQDFAAAAAAAAAAhUAAAAAAAAAAAAAAAAAIAAAAAAAAAAAAAAIABVQAAAGQvUEsBAhQDFAAAAAgAAAAhUMj9HBMIAAAA9AEAAAcAAAAAAAAAAAAAAIABdQAAAGQvYi50eHRQSwUGAAAAAAMAAwCYAAAAogAAAAAA",
  "base64",
);

beforeAll(async () => {
  write("u/é.txt", "a");
  write(`l/${"n".repeat(120)}`, "a");
  write(`deep/${"d".repeat(90)}/${"e".repeat(90)}/f`, "x");
  write("uu/é/ü/日本", "q");
  for (const name of ["é".repeat(60), "z".repeat(100), "y".repeat(101)]) write(`m/${name}`, "w");
  write("z.zip", zip);
  write("plain.txt", "hello");
  const tar = pack();
  tar.entry({ name: `./x/${"n".repeat(130)}` }, "abc");
  tar.entry({ name: "y", type: "directory" });
  tar.entry({ name: "é" }, "c");
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  write("t.tgz", gzipSync(Buffer.concat(chunks)));
});

const file = (path: string): Archive => new Archive({ path }, undefined);
const members = (assets: Record<string, Archive | Asset>): Archive => new Archive({ assets }, undefined);
const uri = `file://${dir}/z.zip`;
const packed = new Asset({ path: "z.zip" }, undefined);

test.each<[string, Archive, string]>([
  ["a name that is not ASCII", file("u"), "1a81f3c0804784c3e7565e0b391f0c060fad6820e7c35c6d52dae83411ec71b5"],
  ["a long name", file("./l"), "c24a2986ffe73a8624ee206d966b0d9074396a99a705a032f568fd1938e528c5"],
  ["a long folder's name", file("deep"), "3f7071db1e5b5a2d3ccf4cfcfdcfd17736dd2a743bf9d2acdec24f40aeb8d084"],
  [
    "folders that are not ASCII",
    file("uu"),
    "ddbabdb4de9984594914859d6938510c8e2a358f30967846143e52aa6ed0ed82",
  ],
  ["several", file("m"), "7a3d18fb5c2f0eabd9c7718a6c55f9b7ac91b338cb254b04c04f174d1de81a07"],
  [
    "a zip within",
    members({ z: file("z.zip"), t: new Asset({ text: "t" }, undefined) }),
    "550ee7a9dce5a72833ef3a8d9ae653b6eedd37284b120b8b3159cd87c2697eed",
  ],
  [
    "a compressed tar within one within",
    members({ q: members({ t: file("t.tgz") }), é: packed }),
    "93a6fc91479aa41c4d4486ddf607873206624ce01e39d463bd2b5017e8c70103",
  ],
  ["nothing", members({}), "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"],
  [
    "an archive at an address",
    new Archive({ uri }, undefined),
    "7723f6c8888d18abad01fa3ded26374e1fb444ddf60294ed0eaaed9bde8515b8",
  ],
  [
    "both at an address within",
    members({ r: new Archive({ uri }, undefined), s: new Asset({ uri }, undefined) }),
    "d3d04bfe344a4db556a4ad4ef1f32754d3efe5238ceeaa5b7415505491221d72",
  ],
])("%s", async (_, archive, hash) => {
  expect(await assetHash(archive, dir)).toMatchObject({ hash });
});

test.each([
  ["a file that is no archive", file("plain.txt"), "neither a folder nor an archive"],
  ["the same within", members({ p: file("plain.txt") }), "neither a folder nor an archive"],
  [
    "an address that is none",
    new Archive({ uri: `file://${dir}/plain.txt` }, undefined),
    "not an archive by its name",
  ],
])("%s is refused", async (_, archive, message) => {
  await expect(assetHash(archive, dir)).rejects.toThrow(message);
});
