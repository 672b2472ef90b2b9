/** `machine scp -r` and links to folders, with a real sshd. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copy } from "../../../cli/machine/copy";
import { machineFiles } from "../../../machine/paths";
import { writeMachine } from "../../../machine/store";
import { record, spec, useTemporaryHome } from "../../machine/temporaryHome";
import { SshServer } from "../../providers/sshServer";

jest.setTimeout(60_000);

useTemporaryHome();
let server: SshServer;
let folder = "";
beforeAll(async () => {
  server = await SshServer.start();
});
afterAll(() => server.remove());
beforeEach(() => {
  writeMachine(
    record({
      spec: spec({ driver: "generic", host: "127.0.0.1" }),
      network: { ...record().network, address: "127.0.0.1", sshPort: server.port },
      host: { sshUser: server.user, identity: join(server.folder, "user"), os: "", cpus: 1, memory: 1 },
    }),
  );
  const config = readFileSync(server.sshConfig, "utf8").replace("Host machine", "Host vm1");
  writeFileSync(machineFiles("vm1").sshConfig, config);
  folder = mkdtempSync(join(tmpdir(), "vmcluster-copy-"));
  for (const name of ["plain/sub", "it's/sub", "target"]) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, "plain/file"), "text");
  symlinkSync("file", join(folder, "plain/to-file"));
  symlinkSync("plain", join(folder, "to-plain"));
  symlinkSync("../../plain", join(folder, "it's/sub/to-folder"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => join(folder, name);
const there = (name: string): string => `vm1:${at(name)}`;
const options = { recursive: true, quiet: true };

it.each([
  ["to", at, there],
  ["from", there, at],
])(
  "copies a link to a folder %s a machine as that folder, and links to files in it as files",
  async (_, from, to) => {
    expect(await copy(from("to-plain"), to("target"), options)).toBe(0);
    expect(readdirSync(at("target/to-plain")).sort()).toEqual(["file", "sub", "to-file"]);
    expect(readFileSync(at("target/to-plain/to-file"), "utf8")).toBe("text");
  },
);

it.each([
  [
    "to",
    at,
    there,
    /^\/.*\/it's\/sub\/to-folder is a link to a folder, .*tar -C '.*' -ch \. \| vmcluster machine ssh vm1 'tar -C \S+target -x'/s,
  ],
  [
    "from",
    there,
    at,
    /^vm1:\/.*\/it's\/sub\/to-folder is a link to a folder, .*vmcluster machine ssh vm1 .* \| tar -C \S+target -x/s,
  ],
  ["between", there, there, /^vm1:.* is a link to a folder/],
])(
  "refuses such a link within a folder %s a machine before anything is copied",
  async (_, from, to, words) => {
    await expect(copy(from("it's"), to("target"), options)).rejects.toThrow(words);
    expect(existsSync(at("target/it's"))).toBe(false);
  },
);
