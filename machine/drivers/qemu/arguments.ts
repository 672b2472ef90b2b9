/**
 * The command line of QEMU for one node. Options: https://www.qemu.org/docs/master/system/invocation.html.
 * What each trim gives under emulation is in docs/measurements.md.
 */
import type { MachineFiles } from "../../paths";
import { sshPort } from "../../readSpec";
import type { MachineRecord } from "../../store";

export type Accelerator = "kvm" | "tcg";

/** The guest's address on QEMU's user-mode network: where ports are forwarded to. */
export const guestAddress = "10.0.2.15";

/** Id of the user-mode network in QEMU, for `hostfwd_add`. */
export const userNetwork = "host";

export interface Boot {
  readonly kernel: string;
  readonly initrd: string;
}

/** Commas end a suboption; a doubled one stands for itself. */
export const commas = (value: string): string => value.replaceAll(",", ",,");

export const forwardRule = (address: string, hostPort: number, guestPort: number): string =>
  `tcp:${address}:${hostPort}-${guestAddress}:${guestPort}`;

/** No AVX under emulation: libraries would pick code that QEMU translates slowly. */
export function processorArguments(accelerator: Accelerator): string[] {
  return accelerator === "kvm"
    ? ["-accel", "kvm", "-cpu", "host"]
    : ["-accel", "tcg,thread=multi,tb-size=256", "-cpu", "max,-avx,-avx2"];
}

/** Kernel command line. The second part only pays, and only is safe to leave out, where the CPU is emulated. */
export function kernelCommandLine(accelerator: Accelerator): string {
  const always = "console=ttyS0 quiet panic=10 net.ifnames=0 systemd.show_status=1 TERM=dumb";
  const emulated = "mitigations=off nokaslr no_timer_check cryptomgr.notests";
  return accelerator === "kvm" ? always : `${always} ${emulated}`;
}

export interface QemuOptions {
  /** The guest reaches nothing outside; what is forwarded to it works. Default false. */
  readonly isolated?: boolean;
  /** Runs as a child of the one who starts it instead of on its own. Default false. */
  readonly foreground?: boolean;
  /** Files that the guest sees as read-only disks, from /dev/vdc on. Default none. */
  readonly attached?: readonly string[];
  /** Where the private network's card is connected; undefined: it has none. */
  readonly link?: PrivateLink;
}

/** A unix socket on which QEMU waits for the switch, or a multicast group of the host. */
export type PrivateLink = { readonly socket: string } | { readonly multicast: string };

const privateNetwork = (link: PrivateLink): string =>
  "socket" in link
    ? `stream,id=private,server=on,addr.type=unix,addr.path=${commas(link.socket)}`
    : `socket,id=private,mcast=${link.multicast},localaddr=127.0.0.1`;

/**
 * @param boot kernel and initrd to start; undefined if the disk has a boot loader of its own
 */
export function qemuArguments(
  machine: MachineRecord,
  files: MachineFiles,
  boot: Boot | undefined,
  accelerator: Accelerator,
  options: QemuOptions = {},
): string[] {
  const { spec, network } = machine;
  const forwards = [
    forwardRule(network.address, sshPort, 22),
    ...spec.ports.map((port) => forwardRule(network.address, port, port)),
  ];
  const isolated = options.isolated ? ["restrict=on"] : [];
  const user = [
    "user",
    `id=${userNetwork}`,
    "ipv6=off",
    ...isolated,
    ...forwards.map((rule) => `hostfwd=${rule}`),
  ];
  return [
    ...["-nodefaults", "-no-user-config", "-display", "none", "-machine", "q35"],
    ...["-name", `vmcluster-${spec.name}`, "-uuid", machine.machineId],
    ...processorArguments(accelerator),
    ...["-smp", String(spec.cpus), "-m", String(spec.memory)],
    ...(boot === undefined
      ? []
      : ["-kernel", boot.kernel, "-initrd", boot.initrd, "-append", kernelCommandLine(accelerator)]),
    ...["-drive", `if=none,id=disk,format=qcow2,discard=unmap,file=${commas(files.disk)}`],
    ...["-device", `virtio-blk-pci,drive=disk${boot === undefined ? ",bootindex=0" : ""}`],
    ...["-drive", `if=none,id=seed,format=raw,readonly=on,file=${commas(files.seed)}`],
    ...["-device", "virtio-blk-pci,drive=seed"],
    ...(options.attached ?? []).flatMap((file, index) => [
      ...["-drive", `if=none,id=attached${index},format=raw,readonly=on,file=${commas(file)}`],
      ...["-device", `virtio-blk-pci,drive=attached${index}`],
    ]),
    ...["-netdev", user.join(",")],
    ...["-device", `virtio-net-pci,netdev=${userNetwork},mac=${network.macs[0]},romfile=`],
    ...(options.link === undefined
      ? []
      : [
          ...["-netdev", privateNetwork(options.link)],
          ...["-device", `virtio-net-pci,netdev=private,mac=${network.macs[1]},romfile=`],
        ]),
    // Entropy from the host: a fresh clone has none of its own.
    ...["-device", "virtio-rng-pci"],
    ...["-chardev", `file,id=console,append=on,path=${commas(files.console)}`, "-serial", "chardev:console"],
    ...(files.qmp === "" ? [] : ["-qmp", `unix:${commas(files.qmp)},server=on,wait=off`]),
    ...(options.foreground ? [] : ["-daemonize"]),
    ...["-pidfile", files.pid],
  ];
}
