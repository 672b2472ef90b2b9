/**
 * The VirtualBox driver on real VirtualBox: vmcluster runs inside an emulated Debian host (emulatedHost.ts) and makes machines of a
 * tiny guest there. Half an hour and more; the first run builds the host. What it shows and what it cannot: docs/virtualbox.md.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shellWord } from "../../host/shellWord";
import { nodeImageId } from "../../machine/image/ensure";
import type { MachineResult } from "../../machine/result";
import { makeTinyImage } from "../tinyGuest";
import { makeApplication } from "./application";
import { EmulatedHost, ensureHostFiles } from "./emulatedHost";

const minute = 60_000;
jest.setTimeout(60 * minute);

let host: EmulatedHost;
let work: string;

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), "vmcluster-virtualbox-"));
  const files = await ensureHostFiles();
  const tiny = join(work, `node-${nodeImageId("trixie")}`);
  await makeTinyImage(tiny);
  const application = join(work, "application.ext4");
  await makeApplication(application, undefined, tiny);
  host = await EmulatedHost.boot(files, { application, dir: work });
  await host.ready(30 * minute);
  await host.sh(
    "mkdir -p /root/.vmcluster/images && cp -r /opt/vmcluster/node-images/. /root/.vmcluster/images",
  );
});

afterAll(async () => {
  await host?.end();
  rmSync(work, { recursive: true, force: true });
});

const base = {
  name: "vm1",
  cluster: "blue",
  driver: "virtualbox",
  memory: 512,
  cpus: 1,
  disk: 4,
  ports: [4000],
};

/** Runs the vmcluster command in the host. */
async function vmcluster(args: readonly string[], stdin = ""): Promise<string> {
  const command = ["node", "/opt/vmcluster/dist/cli/main.js", ...args].map(shellWord).join(" ");
  const env = "VMCLUSTER_ACCEL=tcg VMCLUSTER_BOOT_MINUTES=55 NODE_COMPILE_CACHE=/root/compiled";
  return (await host.sh(`${env} ${command}`, { stdin })).stdout;
}

const apply = async (changes: object = {}): Promise<MachineResult> =>
  JSON.parse(await vmcluster(["machine", "apply"], JSON.stringify({ ...base, ...changes }))) as MachineResult;

const status = (changes: object = {}): Promise<string> =>
  vmcluster(["machine", "status"], JSON.stringify([{ ...base, ...changes }]));

const vbox = async (...args: string[]): Promise<string> => (await host.run("VBoxManage", args)).stdout;

/** Runs a command in a machine. */
const inMachine = (name: string, command: string): Promise<string> =>
  vmcluster(["machine", "ssh", name, "--", command]);

it("says that the kernel driver is not loaded", async () => {
  expect(await status()).toContain("its kernel driver is not loaded");
  await host.sh("modprobe vboxdrv && modprobe vboxnetadp && modprobe vboxnetflt");
  expect(await status()).toBe('{"machines":{"vm1":{"condition":"ok"}}}\n');
});

it("tells a range that the host itself has", async () => {
  await host.sh("ip link add lab type dummy && ip address add 192.168.57.9/24 dev lab && ip link set lab up");
  expect(await status({ subnet: "192.168.57.0/24" })).toContain("overlaps with lab (192.168.57.9/24)");
});

let first: MachineResult;

it("makes a machine that boots, with the name, keys, address and disk of its spec", async () => {
  first = await apply();
  const info = await vbox("showvminfo", first.machineId, "--machinereadable");
  expect(info).toContain('VMState="running"');
  expect(info).toContain('nic2="hostonly"');
  const seen = await inMachine(
    "vm1",
    "hostname; cat /sys/class/dmi/id/product_name; ip -4 addr show eth1; df -m /",
  );
  expect(seen).toMatch(/^vm1\nVirtualBox\n[\s\S]*inet 192\.168\.56\.11\/24/);
  expect(Number(/\s(\d+)\s+\d+\s+\d+\s+\d+%/.exec(seen)?.[1])).toBeGreaterThan(3500);
});

it("changes nothing the second time", async () => {
  expect(await apply()).toEqual(first);
  expect((await vbox("list", "vms")).trim().split("\n")).toHaveLength(1);
});

it("changes CPUs, memory and disk in place, and ports while it runs", async () => {
  const changes = { cpus: 2, memory: 640, disk: 5, ports: [4001] };
  expect((await apply(changes)).machineId).toBe(first.machineId);
  const info = await vbox("showvminfo", first.machineId, "--machinereadable");
  expect(info).toMatch(/^memory=640$/m);
  expect(info).toMatch(/^cpus=2$/m);
  expect(info).toContain(`tcp4001,tcp,${first.address},4001,10.0.2.15,4001`);
  expect(info).not.toContain("tcp4000");
  expect(Number(/\s(\d+)\s+\d+\s+\d+\s+\d+%/.exec(await inMachine("vm1", "df -m /"))?.[1])).toBeGreaterThan(
    4500,
  );
});

it("repairs a machine that was killed while it was made, and makes no second interface", async () => {
  const spec = JSON.stringify({ ...base, name: "vm2", ports: [] });
  const env = "VMCLUSTER_ACCEL=tcg NODE_COMPILE_CACHE=/root/compiled";
  // After `createvm` the machine is half registered.
  await host.sh(
    `${env} node /opt/vmcluster/dist/cli/main.js machine apply >/dev/null 2>&1 & pid=$!; until VBoxManage list vms | grep -q vm2; do sleep 1; done; kill -9 $pid`,
    { stdin: spec },
  );
  const second = await apply({ name: "vm2", ports: [] });
  expect(second.privateAddress).toBe("192.168.56.12");
  expect((await vbox("list", "vms")).trim().split("\n")).toHaveLength(2);
  expect((await vbox("list", "hostonlyifs")).match(/^Name:/gm)).toHaveLength(1);
  expect(await inMachine("vm2", "ping -c 1 -W 30 192.168.56.11")).toContain("1 packets received");
});

it("stops, and starts again with the same address", async () => {
  await vmcluster(["machine", "stop", "vm1"]);
  expect(await status({ cpus: 2, memory: 640, disk: 5, ports: [4001] })).toContain("stopped");
  expect((await apply({ cpus: 2, memory: 640, disk: 5, ports: [4001] })).address).toBe(first.address);
});

it("removes every trace", async () => {
  await vmcluster(["machine", "rm", "-f", "vm1", "vm2"]);
  for (const what of ["vms", "hdds", "dvds"]) expect(await vbox("list", what)).toBe("");
  expect(await vbox("getextradata", "global", "enumerate")).not.toContain("vmcluster/");
  expect((await host.sh("ls /root/.vmcluster/machines")).stdout).toBe("");
});
