import { startError } from "../../../../machine/drivers/virtualbox/explain";
import { checkHost, type PreflightHost } from "../../../../machine/drivers/virtualbox/preflight";
import { findVBoxManage, requireVBoxManage } from "../../../../machine/drivers/virtualbox/program";

const host: PreflightHost = {
  platform: "linux",
  arch: "x64",
  exists: () => true,
  cpuinfo: "processor\t: 0\nflags\t\t: fpu svm npt\n",
};
const check = (changes: Partial<PreflightHost>, version = "7.2.4r170995\n") =>
  checkHost({ ...host, ...changes }, async () => version);

it.each(["6.1.50r161033", "7.0.20r163906", "7.1.12r169651", "7.2.22_Debianr174321"])(
  "accepts VirtualBox %s",
  async (text) => {
    await expect(check({}, `${text}\n`)).resolves.toMatchObject({ text });
  },
);

it("refuses one that is too old", async () => {
  await expect(check({}, "5.2.44r139111\n")).rejects.toThrow("VirtualBox 5.2.44r139111 is too old");
});

it("tells a kernel driver that is not loaded", async () => {
  await expect(check({ exists: () => false })).rejects.toThrow(
    /kernel driver is not loaded[\s\S]*modprobe vboxdrv/,
  );
});

it("tells a virtual machine without nested virtualisation from a CPU without any", async () => {
  await expect(check({ cpuinfo: "flags\t: fpu hypervisor\n" })).rejects.toThrow("itself a virtual machine");
  await expect(check({ cpuinfo: "flags\t: fpu\n" })).rejects.toThrow("firmware's setup");
});

it("raises no alarm where the CPU cannot be looked at", async () => {
  await expect(check({ platform: "darwin", cpuinfo: "", exists: () => false })).resolves.toBeDefined();
});

it("looks for VBoxManage where the installers put it", () => {
  const at = (path: string) => (one: string) => one === path;
  const mac = "/Applications/VirtualBox.app/Contents/MacOS/VBoxManage";
  expect(findVBoxManage({ platform: "darwin", env: { PATH: "/bin" }, isProgram: at(mac) })).toBe(mac);
  const env = { Path: "C:\\Windows", VBOX_MSI_INSTALL_PATH: "C:\\VB" };
  expect(findVBoxManage({ platform: "win32", env, isProgram: (one) => one.startsWith("C:\\VB") })).toContain(
    "VBoxManage.exe",
  );
  expect(() => requireVBoxManage({ platform: "linux", env: {}, isProgram: () => false })).toThrow(
    /needs VirtualBox[\s\S]*install VirtualBox 6\.1 or later/,
  );
});

it.each([
  ["VERR_SVM_IN_USE", "another hypervisor"],
  ["VERR_VMX_IN_VMX_ROOT_MODE", "modprobe -r kvm_intel"],
  ["VERR_SVM_DISABLED", "firmware has switched it off"],
  ["VERR_VM_DRIVER_NOT_INSTALLED", "kernel driver is not loaded"],
  ["VERR_DISK_FULL", "disk of this host is full"],
])("explains %s", (cause, words) => {
  const failure = { code: "NS_ERROR_FAILURE", causes: [cause], text: `it failed (${cause})` };
  expect(startError("vm1", failure).message).toContain(words);
});

it("passes on what it does not know", () => {
  const failure = { code: undefined, causes: [], text: "Something new" };
  expect(startError("vm1", failure).message).toBe(
    'machine "vm1": VirtualBox did not start it\n  Something new',
  );
});
