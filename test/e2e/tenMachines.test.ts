import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { MachineRecord } from "../../machine/store";
import { TinyProject } from "./tinyMachines";

/** Ten machines of one program at once, on real QEMU; some minutes without KVM. */
jest.setTimeout(20 * 60_000);

const count = 10;
const tiny = new TinyProject("ten");
const { vmcluster } = tiny;

beforeAll(async () => {
  await tiny.prepare();
  tiny.program(`
const names = Array.from({ length: ${count} }, (_, index) => "m" + (index + 1));
exports.addresses = names.map((name) => new Machine(name, {
  clusterName: "ten", memory: 512, disk: 4, ports: [4000],
}).address);`);
});
afterAll(() => tiny.clean());

const machines = (): MachineRecord[] =>
  readdirSync(join(vmcluster.home, "machines"))
    .filter((name) => !name.startsWith("."))
    .map((name) => JSON.parse(readFileSync(join(vmcluster.home, "machines", name, "machine.json"), "utf8")));

it("come up in one `up`, no two of them with anything in common", async () => {
  await vmcluster.ok("up", "--yes");
  const made = machines();
  expect(made).toHaveLength(count);
  const unique = {
    name: made.map(({ spec }) => spec.name),
    address: made.map(({ network }) => network.address),
    privateAddress: made.map(({ network }) => network.privateAddress),
    mac: made.flatMap(({ network }) => network.macs),
    machineId: made.map(({ machineId }) => machineId),
    hostKey: made.map(({ hostKey }) => hostKey),
  };
  for (const [what, values] of Object.entries(unique))
    expect({ [what]: new Set(values).size }).toEqual({ [what]: values.length });
  // What the guests themselves say.
  const question =
    "hostname; cat /etc/machine-id; cat /etc/ssh/ssh_host_ed25519_key.pub; ip -4 -o addr show eth1; cat /sys/class/net/eth?/address";
  const said = await Promise.all(made.map(({ spec }) => vmcluster.on(spec.name, question)));
  for (const [index, { spec, machineId, hostKey, network }] of made.entries()) {
    const text = said[index] as string;
    for (const part of [
      spec.name,
      machineId.replaceAll("-", ""),
      hostKey,
      network.privateAddress,
      ...network.macs,
    ])
      expect(text).toContain(part);
  }
});
