import { readFileSync } from "node:fs";
import { join } from "node:path";
import { forwardsIn } from "../../../../machine/drivers/virtualbox/arguments";
import { isPassing, parseFailure } from "../../../../machine/drivers/virtualbox/failure";
import {
  parseBlocks,
  parseExtraData,
  parseMachineReadable,
  parseVersion,
  parseVms,
} from "../../../../machine/drivers/virtualbox/output";
import {
  createdName,
  hostOnlyInterfaces,
  hostOnlyNetworks,
} from "../../../../machine/drivers/virtualbox/privateNetwork";
import { hardwareIn, linkKindIn, stateOf } from "../../../../machine/drivers/virtualbox/vm";

/** What VirtualBox 7.2.22 printed in the emulated host. */
const captured = (name: string): string =>
  readFileSync(join(__dirname, "captured", `7.2.22-${name}.txt`), "utf8");
const uuid = "591e7920-6963-44a6-84ea-1cee596158ae";
const info = (name: string) => parseMachineReadable(captured(name));

it("reads the version, also below a warning", () => {
  const version = { major: 7, minor: 2, text: "7.2.22_Debianr175245" };
  expect(parseVersion(captured("version"))).toEqual(version);
  expect(parseVersion(captured("version-no-driver"))).toEqual(version);
  expect(parseVersion("VBoxManage: command broken")).toBeUndefined();
});

it("reads state, size, networks and disks of a machine", () => {
  const stopped = info("showvminfo-poweroff");
  expect(stateOf(stopped)).toBe("stopped");
  expect(hardwareIn(stopped)).toBeUndefined();
  expect(linkKindIn(stopped)).toBe("hostonly");
  expect(stopped.get("disks-0-0")).toBe("/root/.vmcluster/machines/vm1/disk.vdi");
  expect(forwardsIn(stopped).map(({ name }) => name)).toEqual(["tcp2222", "tcp4000"]);
});

it("knows one run of a machine from another", () => {
  const running = info("showvminfo-running");
  expect(stateOf(running)).toBe("running");
  expect(hardwareIn(running)).toMatchObject({
    cpus: 1,
    memory: 512,
    instance: expect.stringMatching(/^2026-11-21T/),
  });
});

it("takes a machine that is unknown or inaccessible for absent", () => {
  expect(stateOf(undefined)).toBe("absent");
  expect(stateOf(new Map([["name", "<inaccessible>"]]))).toBe("absent");
});

it.each([
  ["poweroff", "stopped"],
  ["aborted", "stopped"],
  ["saved", "stopped"],
  ["aborted-saved", "stopped"],
  ["paused", "paused"],
  ["stopping", "running"],
  ["gurumeditation", "paused"],
])("state %s is %s", (state, expected) => {
  expect(stateOf(new Map([["VMState", state]]))).toBe(expected);
});

it("lists machines, also one with quotes in its name", () => {
  expect(parseVms(captured("vms"))).toEqual([{ name: "vmcluster-b6c41e05-blue-vm1", uuid }]);
  expect(parseVms(`"a "b"" {${uuid}}\n"<inaccessible>" {${uuid}}\n`).map(({ name }) => name)).toEqual([
    'a "b"',
    "<inaccessible>",
  ]);
  expect(parseVms("")).toEqual([]);
});

it("reads host-only interfaces and the name of a new one", () => {
  expect(hostOnlyInterfaces(captured("hostonlyifs"))).toEqual([
    { name: "vboxnet0", address: "192.168.56.1", netmask: "255.255.255.0" },
  ]);
  expect(hostOnlyInterfaces("")).toEqual([]);
  expect(createdName(captured("hostonlyif-create"))).toBe("vboxnet0");
});

it("reads host-only networks", () => {
  // Not captured: no macOS here. The form is that of the manual.
  const text =
    "Name:            lab\nState:           Enabled\nNetworkMask:     255.255.255.0\nLowerIP:         192.168.56.1\nUpperIP:         192.168.56.199\n\n";
  expect(hostOnlyNetworks(text)).toEqual([
    { name: "lab", address: "192.168.56.1", netmask: "255.255.255.0" },
  ]);
});

it("reads blocks of properties", () => {
  expect(parseBlocks(captured("systemproperties"))[0]?.get("Default machine folder")).toBe(
    "/root/VirtualBox VMs",
  );
});

it("reads the global extra data, where claimed addresses are", () => {
  expect(parseExtraData(captured("extradata")).get("vmcluster/address/192.168.56.11")).toBe(uuid);
});

it("knows real failures", () => {
  expect(isPassing(parseFailure(captured("locked")))).toBe(true);
  expect(isPassing(parseFailure(captured("medium-in-use")))).toBe(false);
  expect(parseFailure(captured("not-found")).code).toBe("VBOX_E_OBJECT_NOT_FOUND");
});
