import { kernelCommandLine, qemuArguments } from "../../../../machine/drivers/qemu/arguments";
import { machineFiles } from "../../../../machine/paths";
import { record, spec, useTemporaryHome } from "../../temporaryHome";

useTemporaryHome();
const boot = { kernel: "/images/vmlinuz", initrd: "/images/initrd" };

const build = (accelerator: "kvm" | "tcg", changes = {}, options = {}): string[] =>
  qemuArguments(
    record({ spec: spec({ ports: [4000, 8080], cpus: 2, memory: 768, ...changes }) }),
    machineFiles("vm1"),
    boot,
    accelerator,
    options,
  );

/** Values of an option, in order. */
const values = (args: readonly string[], option: string): string[] =>
  args.flatMap((arg, index) => (arg === option ? [args[index + 1] ?? ""] : []));

it("listens on the machine's own loopback address only: SSH and each port of the spec", () => {
  const [user = ""] = values(build("tcg"), "-netdev");
  expect(user.match(/hostfwd=[^,]*/g)).toEqual([
    "hostfwd=tcp:127.9.8.7:2222-10.0.2.15:22",
    "hostfwd=tcp:127.9.8.7:4000-10.0.2.15:4000",
    "hostfwd=tcp:127.9.8.7:8080-10.0.2.15:8080",
  ]);
});

it("connects the cluster's private network to a socket in the home", () => {
  expect(values(build("tcg", {}, { link: { socket: "/a,b/.0.1.link" } }), "-netdev")[1]).toBe(
    "stream,id=private,server=on,addr.type=unix,addr.path=/a,,b/.0.1.link",
  );
});

it("connects it to a multicast group of the host when told to, and not at all while an image is made", () => {
  expect(values(build("tcg", {}, { link: { multicast: "239.200.1.2:20123" } }), "-netdev")[1]).toBe(
    "socket,id=private,mcast=239.200.1.2:20123,localaddr=127.0.0.1",
  );
  expect(values(build("tcg"), "-netdev")).toHaveLength(1);
});

it("has the CPUs and memory asked for", () => {
  expect([values(build("tcg"), "-smp"), values(build("tcg"), "-m")]).toEqual([["2"], ["768"]]);
});

it("uses the host's CPU under KVM, and one that is cheap to emulate otherwise", () => {
  expect(values(build("kvm"), "-cpu")).toEqual(["host"]);
  expect(values(build("tcg"), "-cpu")).toEqual(["max,-avx,-avx2"]);
});

it("leaves the kernel's protections on under KVM, where guests are fast enough for them", () => {
  expect(kernelCommandLine("kvm")).not.toMatch(/mitigations|nokaslr/);
  expect(kernelCommandLine("tcg")).toMatch(/mitigations=off nokaslr/);
});

it("cuts the guest off from everything else when asked to", () => {
  expect(values(build("tcg", {}, { isolated: true }), "-netdev")[0]).toContain("restrict=on");
  expect(values(build("tcg"), "-netdev")[0]).not.toContain("restrict");
});

it("starts a disk with a boot loader by that", () => {
  const args = qemuArguments(record(), machineFiles("vm1"), undefined, "tcg");
  expect(args.filter((arg) => ["-kernel", "-initrd", "-append"].includes(arg))).toEqual([]);
  expect(values(args, "-device")[0]).toBe("virtio-blk-pci,drive=disk,bootindex=0");
  expect(values(build("tcg"), "-device")[0]).toBe("virtio-blk-pci,drive=disk");
});

it("doubles commas in paths, which end an option", () => {
  process.env.VMCLUSTER_HOME = "/a,b";
  const drives = values(build("tcg"), "-drive");
  expect(drives[0]).toMatch(/file=\/a,,b\/machines\/vm1\/disk\.qcow2$/);
  expect(values(build("tcg"), "-pidfile")).toEqual(["/a,b/machines/vm1/qemu.pid"]);
});

it("keeps sockets short enough however long the home is", () => {
  process.env.VMCLUSTER_HOME = `/${"long/".repeat(30)}`;
  const files = machineFiles("vm1");
  expect(files.disk.length).toBeGreaterThan(150);
  expect(files.control.length).toBeLessThanOrEqual(88);
  expect(files.qmp.length).toBeLessThanOrEqual(104);
  expect(machineFiles("vm2").qmp).not.toBe(files.qmp);
});
