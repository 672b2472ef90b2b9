/** Argument lists of VBoxManage for one node. Options: https://www.virtualbox.org/manual/ch08.html; the old spellings that 6.1 knows work in 7.x too. */
import { sshPort } from "../../readSpec";
import type { MachineRecord } from "../../store";
import { guestAddress } from "../qemu/arguments";
import { homeTag, type PrivateLink } from "./privateNetwork";

/** Name in VirtualBox's list, which all homes of a user share; the machine's own name stays what it is. */
export const vmName = ({ spec }: Pick<MachineRecord, "spec">): string =>
  `vmcluster-${homeTag()}-${spec.cluster}-${spec.name}`;

export interface Forward {
  readonly name: string;
  /** What `--natpf1` takes: name, protocol, host address and port, guest address and port. */
  readonly rule: string;
}

function forward(address: string, hostPort: number, guestPort: number): Forward {
  const name = `tcp${hostPort}`;
  return { name, rule: [name, "tcp", address, hostPort, guestAddress, guestPort].join(",") };
}

export const portForward = (address: string, port: number): Forward => forward(address, port, port);

/** SSH first. The guest's address is said, as it is static: VirtualBox would look for a lease. */
export const forwards = ({ network, spec }: MachineRecord): Forward[] => [
  forward(network.address, sshPort, 22),
  ...spec.ports.map((port) => portForward(network.address, port)),
];

/** What never changes of a machine. */
export function fixedHardware(console: string): string[] {
  return [
    // Several CPUs need the I/O APIC. The guest's clock is UTC.
    ...["--ioapic", "on", "--rtcuseutc", "on"],
    // Nobody looks: no display, no mouse of a tablet, no USB.
    ...["--graphicscontroller", "none", "--mouse", "ps2"],
    ...["--boot1", "dvd", "--boot2", "none", "--boot3", "none", "--boot4", "none"],
    ...["--uart1", "0x3F8", "4", "--uartmode1", "file", console],
    ...["--nic1", "nat", "--nictype1", "virtio", "--cableconnected1", "on", "--natdnsproxy1", "on"],
    ...["--nictype2", "virtio", "--cableconnected2", "on"],
  ];
}

const bareMac = (mac: string): string => mac.replaceAll(":", "").toUpperCase();

const linkArguments = ({ kind, name }: PrivateLink): string[] => {
  const option = { hostonly: "--hostonlyadapter2", hostonlynet: "--host-only-net2", intnet: "--intnet2" }[
    kind
  ];
  return ["--nic2", kind, option, name];
};

/** What a restart may change: size, addresses, networks. */
export function changeableHardware({ spec, network }: MachineRecord, link: PrivateLink): string[] {
  return [
    ...["--cpus", String(spec.cpus), "--memory", String(spec.memory)],
    ...["--macaddress1", bareMac(network.macs[0]), "--macaddress2", bareMac(network.macs[1])],
    ...linkArguments(link),
  ];
}

/** The forwards that a machine has, from `showvminfo`: `Forwarding(0)="tcp2222,tcp,127.0.0.2,2222,10.0.2.15,22"`. */
export const forwardsIn = (info: ReadonlyMap<string, string>): Forward[] =>
  [...info]
    .filter(([key]) => key.startsWith("Forwarding("))
    .map(([, rule]) => ({ name: rule.split(",")[0] ?? "", rule }));

/** `--natpf1` arguments that turn the forwards there are into those there should be. */
export function forwardChanges(there: readonly Forward[], wanted: readonly Forward[]): string[] {
  const stale = there.filter((one) => !wanted.some(({ rule }) => rule === one.rule));
  const missing = wanted.filter((one) => !there.some(({ rule }) => rule === one.rule));
  return [
    ...stale.flatMap(({ name }) => ["--natpf1", "delete", name]),
    ...missing.flatMap(({ rule }) => ["--natpf1", rule]),
  ];
}
