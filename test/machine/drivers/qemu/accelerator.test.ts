import { writeFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { accelerator, probeOf } from "../../../../machine/drivers/qemu/accelerator";
import { useTemporaryHome } from "../../temporaryHome";

const home = useTemporaryHome();

it("takes a node image to run when its /init answers", () => {
  const { args, mark } = probeOf({ kernel: "/images/vmlinuz", initrd: "/images/initrd" });
  expect(args.at(-1)).toContain("vmcluster.probe");
  expect("vmcluster-probe-ok").toMatch(mark);
});

it.each([
  "[    5.1] systemd[1]: systemd 257.9-1 running in system mode",
  "Welcome to Debian GNU/Linux 13 (trixie)!",
  "[  176.0] cloud-init[400]: Cloud-init v. 25.1.4 running 'modules:config'",
  "Ubuntu 24.04.1 LTS vm1 ttyS0\n\nvm1 login: ",
])("takes a disk to run when its system says so: %j", (line) => {
  expect(line).toMatch(probeOf({ disk: "/images/a,b.qcow2" }).mark);
});

it("does not take the firmware or boot loader for the system", () => {
  const { args, mark } = probeOf({ disk: "/images/a,b.qcow2" });
  expect("SeaBIOS (version 1.16)\nGRUB loading.\nDebian GNU/Linux, with Linux 6.12-cloud-amd64").not.toMatch(
    mark,
  );
  // Nothing is written to the image, and the comma ends no option.
  expect(args.at(-1)).toBe("if=virtio,format=qcow2,snapshot=on,file=/images/a,,b.qcow2");
});

it.each([
  ["does not go by what it remembers where KVM cannot be used any more", "EACCES", "tcg"],
  ["goes by what it remembers where it can", undefined, "kvm"],
] as const)("%s", async (_, error, expected) => {
  writeFileSync(
    join(home(), "accelerator.json"),
    JSON.stringify({ hostKernel: release(), accelerator: "kvm" }),
  );
  const fs = jest.requireActual<typeof import("node:fs")>("node:fs");
  const opened = jest.spyOn(fs, "accessSync").mockImplementation(() => {
    if (error !== undefined) throw Object.assign(new Error(error), { code: error });
  });
  const before = process.env.VMCLUSTER_ACCEL;
  delete process.env.VMCLUSTER_ACCEL;
  try {
    expect(await accelerator({ disk: "/none" }, () => undefined)).toBe(expected);
  } finally {
    if (before !== undefined) process.env.VMCLUSTER_ACCEL = before;
    opened.mockRestore();
  }
});
