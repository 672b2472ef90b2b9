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

const recordOf = (home: string, name: string): MachineRecord =>
  JSON.parse(readFileSync(join(home, "machines", name, "machine.json"), "utf8"));

const machines = (): MachineRecord[] =>
  readdirSync(join(vmcluster.home, "machines"))
    .filter((name) => !name.startsWith("."))
    .map((name) => recordOf(vmcluster.home, name));

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

it("of two programs come up at the same time, also in two homes, and each reaches its own alone", async () => {
  const machines = (names: readonly string[], cluster: string): string =>
    names
      .map(
        (name) =>
          `new Machine("${name}", { clusterName: "${cluster}", memory: 512, disk: 4, ports: [4000] });`,
      )
      .join("\n");
  const programs = [
    { at: tiny.another("blue", vmcluster.home), names: ["blue1", "blue2"] },
    { at: tiny.another("red", vmcluster.home), names: ["red1", "red2"] },
    { at: tiny.another("green"), names: ["blue1", "blue2"] },
  ];
  for (const { at, names } of programs) tiny.program(machines(names, names[0] as string), at.cwd);
  try {
    const ups = await Promise.all(programs.map(({ at }) => at.ok("up", "--yes")));
    expect(ups).toHaveLength(3);
    const macs: string[] = [];
    for (const { at, names } of programs) {
      const [first, second] = names.map((name) => recordOf(at.home, name)) as [MachineRecord, MachineRecord];
      // What answers at the other's private address is the other.
      const ping = `ping -c 1 -W 10 ${second.network.privateAddress} >/dev/null && cat /proc/net/arp`;
      expect(await at.on(first.spec.name, ping)).toContain(second.network.macs[1]);
      macs.push(first.network.macs[1], second.network.macs[1]);
      await at.ok("preview", "--expect-no-changes");
    }
    expect(new Set(macs).size).toBe(6);
    // One program's end is not the other's.
    await Promise.all([programs[0], programs[2]].map((program) => program?.at.ok("destroy", "--yes")));
    expect(await programs[1]?.at.on("red1", "hostname")).toBe("red1");
  } finally {
    for (const { at } of programs.slice(1)) await at.run("destroy", "--yes");
    await programs[2]?.at.clean();
  }
});
