import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { qmp } from "../../../machine/drivers/qemu/qmp";
import { machineFiles } from "../../../machine/paths";
import { ensureSocketsDir, writeSshConfig } from "../../../machine/ssh/config";
import { ensureKey } from "../../../machine/ssh/keys";
import { record, useTemporaryHome } from "../temporaryHome";

const home = useTemporaryHome();
const asRoot = process.getuid?.() === 0 ? it : it.skip;

/** What OpenSSH itself understands of the configuration. */
function understood(host: string): Map<string, string> {
  const { sshConfig } = machineFiles("vm1");
  const lines = execFileSync("ssh", ["-G", "-F", sshConfig, host], { encoding: "utf8" }).trim().split("\n");
  return new Map(lines.map((line) => [line.split(" ")[0] ?? "", line.slice(line.indexOf(" ") + 1)]));
}

it.each(["plain", "with blanks, and 100%"])("is read by ssh in a home that is %s", (name) => {
  process.env.VMCLUSTER_HOME = join(home(), name);
  const files = machineFiles("vm1");
  mkdirSync(files.dir, { recursive: true });
  writeSshConfig(record(), files);
  for (const host of ["vm1", "127.9.8.7"]) {
    const read = understood(host);
    expect(read.get("hostname")).toBe("127.9.8.7");
    expect(read.get("port")).toBe("2222");
    expect(read.get("user")).toBe("root");
    expect(read.get("stricthostkeychecking")).toBe("true");
    expect(read.get("hostkeyalias")).toBe("vm1");
    expect(read.get("controlmaster")).toBe("auto");
    expect(read.get("controlpersist")).toBe("600");
  }
  expect(readFileSync(files.knownHosts, "utf8")).toBe("vm1 ssh-ed25519 AAAAhost\n");
});

describe("in a home whose path is too long for sockets", () => {
  const files = () => machineFiles("vm1");
  const keeps = (host = "vm1"): boolean => understood(host).get("controlpath") === files().control;

  beforeEach(() => {
    process.env.VMCLUSTER_HOME = join(home(), "long/".repeat(20));
    mkdirSync(files().dir, { recursive: true });
    writeSshConfig(record(), files());
  });
  afterEach(() => rmSync(files().sockets, { recursive: true, force: true }));

  it("keeps its connection in a folder of this user's alone", () => {
    expect(dirname(files().control)).not.toBe(files().dir);
    expect(statSync(files().sockets).mode & 0o777).toBe(0o700);
    expect([keeps(), keeps("127.9.8.7")]).toEqual([true, true]);
  });

  it("keeps none where somebody has put a link in the folder's place", () => {
    rmSync(files().sockets, { recursive: true });
    mkdirSync(join(home(), "elsewhere"), { mode: 0o700 });
    symlinkSync(join(home(), "elsewhere"), files().sockets);
    expect(keeps()).toBe(false);
    expect(() => ensureSocketsDir(files())).toThrow(/belongs to another user, or others may look into it/);
  });

  it("takes no folder that others may look into", () => {
    chmodSync(files().sockets, 0o755);
    expect(() => ensureSocketsDir(files())).toThrow(/or others may look into it/);
  });

  asRoot("keeps none where another user has made the folder first, and asks no QEMU there", async () => {
    rmSync(files().sockets, { recursive: true });
    execFileSync("setpriv", ["--reuid=65534", "--clear-groups", "mkdir", "-m", "0700", files().sockets]);
    expect(keeps()).toBe(false);
    expect(() => ensureSocketsDir(files())).toThrow(/belongs to another user/);
    await expect(qmp(files().qmp, [])).rejects.toThrow(/is not this user's own/);
  });
});

it("means an existing host by its name, and by its address only with its user and port", () => {
  const files = machineFiles("vm1");
  mkdirSync(files.dir, { recursive: true });
  const existing = { sshUser: "ada", identity: "/keys/mine", os: "Debian", cpus: 1, memory: 512 };
  const network = { ...record().network, address: "pi.local", sshPort: 2201 };
  writeSshConfig(record({ host: existing, network }), files);
  expect(understood("vm1").get("identityfile")).toBe("/keys/mine");
  expect(understood("vm1").get("hostname")).toBe("pi.local");
  const by = (...args: string[]): string =>
    execFileSync("ssh", ["-G", "-F", files.sshConfig, ...args], { encoding: "utf8" });
  expect(by("-l", "ada", "-p", "2201", "pi.local")).toContain("hostkeyalias vm1");
  expect(by("-l", "bob", "-p", "2201", "pi.local")).not.toContain("hostkeyalias vm1");
  expect(by("-l", "ada", "pi.local")).not.toContain("hostkeyalias vm1");
});

it("makes a key once, keeps it, and makes it anew if only half of it is there", async () => {
  const file = join(home(), "id");
  const first = await ensureKey(file);
  expect(first).toMatch(/^ssh-ed25519 AAAA\S+$/);
  expect(statSync(file).mode & 0o077).toBe(0);
  expect(await ensureKey(file)).toBe(first);
  rmSync(`${file}.pub`);
  expect(await ensureKey(file)).not.toBe(first);
});
