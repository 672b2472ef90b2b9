import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shellWord } from "../../host/shellWord";
import { findProgram } from "../../host/tools";
import { serviceImageRefs } from "../../images/build";
import { Vmcluster } from "./vmcluster";

/** One machine by hand, as with docker-machine; about two minutes without KVM. Each step goes on from the one before. */
jest.setTimeout(20 * 60_000);

const folder = mkdtempSync(join(tmpdir(), "vmcluster-machine-"));
const vmcluster = new Vmcluster(folder, "machine");
afterAll(async () => {
  await vmcluster.clean();
  rmSync(folder, { recursive: true, force: true });
});

interface Row {
  readonly name: string;
  readonly state: string;
  readonly url: string;
  readonly docker: string;
  readonly error: string;
}

const row = async (): Promise<Row | undefined> =>
  (await vmcluster.json<Row[]>("machine", "ls", "--format", "json", "--timeout", "60"))[0];

/** Runs lines in a shell after those of `machine env`. */
async function inShell(lines: string): Promise<string> {
  const env = (await vmcluster.ok("machine", "env", "--shell", "sh", "vm1")).stdout;
  const undo = (await vmcluster.ok("machine", "env", "--shell", "sh", "-u")).stdout;
  const script = lines.replace("ENV", env).replace("UNSET", undo);
  return execFileSync("sh", ["-c", script], { encoding: "utf8", env: vmcluster.environment }).trim();
}

it("creates a machine and lists it with its Docker", async () => {
  expect((await vmcluster.ok("machine", "create", "vm1", "--memory", "768m")).stdout).toBe("vm1\n");
  expect(await row()).toMatchObject({
    name: "vm1",
    state: "running",
    error: "",
    docker: expect.stringMatching(/^\d+\./),
  });
});

it("passes a command's exit code on", async () => {
  expect((await vmcluster.run("machine", "ssh", "vm1", "--", "exit 7")).code).toBe(7);
});

it("makes this host's docker talk to it over SSH, until that is undone", async () => {
  if (findProgram("docker") === undefined) return;
  const node = await inShell("ENV\ndocker info --format '{{.Name}}'");
  expect(node).toBe("vm1");
  expect(
    await inShell('before=$PATH\nENV\nUNSET\necho "[$DOCKER_HOST]"; [ "$before" = "$PATH" ] && echo same'),
  ).toBe("[]\nsame");
});

it("copies folders there and back, whatever their files are called", async () => {
  const name = "it's $HOME; `id`";
  mkdirSync(join(folder, "there"));
  writeFileSync(join(folder, "there", name), "content");
  await vmcluster.ok("machine", "scp", "-q", "-r", "there", "vm1:/root/copied");
  await vmcluster.ok("machine", "scp", "-q", "-r", "vm1:/root/copied", "back");
  expect(readFileSync(join(folder, "back", name), "utf8")).toBe("content");
});

/** What listens on this host's loopback is 10.0.2.2 in a guest: neither a container nor one in the guest's own network reaches it. */
async function keepsContainersOff(): Promise<void> {
  const service = createServer((socket) => socket.end("a service of the host")).listen(0, "127.0.0.1");
  await once(service, "listening");
  const { port } = service.address() as AddressInfo;
  const script = `import socket
for host in "10.0.2.2", "10.0.2.3", "10.0.2.4":
    try:
        with socket.create_connection((host, ${port}), 20) as one: print(one.recv(100))
    except OSError as error: print(type(error).__name__)`;
  try {
    for (const network of ["bridge", "host"]) {
      const run = `docker run --rm --network ${network} --entrypoint python3 ${serviceImageRefs().web} -c ${shellWord(script)}`;
      const refused = "ConnectionRefusedError";
      expect((await vmcluster.on("vm1", run)).trim().split("\n")).toEqual([refused, refused, refused]);
    }
  } finally {
    service.close();
  }
}

/** Another user of this host cannot connect to the private network, even where the folders are open to all. */
function keepsOthersOut(): void {
  if (process.getuid?.() !== 0) return;
  const machines = join(vmcluster.home, "machines");
  const link = readdirSync(machines).find((name) => name.endsWith(".link")) ?? "";
  expect(link).not.toBe("");
  for (const path of [vmcluster.home, machines]) chmodSync(path, 0o755);
  const code = `require("net").connect(process.argv[1]).on("connect", () => { console.log("in"); process.exit() }).on("error", (error) => console.log(error.code))`;
  const asOther = ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath, "-e", code];
  const said = execFileSync("setpriv", [...asOther, join(machines, link)], { encoding: "utf8" });
  expect(said).toBe("EACCES\n");
}

it("stops, starts with the same address, is killed and removed", async () => {
  const before = await row();
  await vmcluster.ok("machine", "stop", "vm1");
  expect((await vmcluster.ok("machine", "status", "vm1")).stdout).toBe("stopped\n");
  // From here on it reaches what is outside of this host.
  vmcluster.extra = { VMCLUSTER_ISOLATED: "" };
  await vmcluster.ok("machine", "start", "vm1");
  expect((await row())?.url).toBe(before?.url);
  expect(await vmcluster.on("vm1", "ls", "/root/copied")).not.toBe("");
  await keepsContainersOff();
  keepsOthersOut();
  await vmcluster.ok("machine", "kill", "vm1");
  expect((await vmcluster.ok("machine", "status", "vm1")).stdout).toBe("stopped\n");
  await vmcluster.ok("machine", "rm", "-y", "vm1");
  expect(vmcluster.machineFolders()).toEqual([]);
  expect(vmcluster.processes()).toEqual([]);
});
