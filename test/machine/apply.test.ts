import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { applyMachine } from "../../machine/apply";
import { QemuDriver } from "../../machine/drivers/qemu/driver";
import { VirtualBoxDriver } from "../../machine/drivers/virtualbox/driver";
import { machineStatus } from "../../machine/status";
import { readMachine, writeMachine } from "../../machine/store";
import { record, spec, useTemporaryHome } from "./temporaryHome";

const home = useTemporaryHome();
const apply = (changes: Parameters<typeof spec>[0]) =>
  applyMachine(spec({ ports: [4000], ...changes }), { progress: () => undefined });

/** A stopped machine that was made from the node image, or from a pulled one. */
function made(image?: string): void {
  writeMachine(record({ spec: spec({ ports: [4000], image }) }));
  writeFileSync(join(home(), "machines/vm1/disk.qcow2"), "");
}

function pulled(name: string, gib: number): void {
  const dir = join(home(), `images/cloud-${name}`);
  mkdirSync(dir, { recursive: true });
  const described = { name, source: "/disk", sha256: "", pulled: new Date().toISOString() };
  writeFileSync(join(dir, "image.json"), JSON.stringify({ ...described, virtualSize: gib * 1024 ** 3 }));
}

it.each([
  [undefined, { image: "debian" }, /image debian, but it was made from the node image/],
  ["debian", {}, /image of suite trixie, but it was made from debian/],
  ["debian", { image: "fedora" }, /image fedora, but it was made from debian/],
])("does not put another image into a machine: made from %j, wanted %j", async (image, changes, reason) => {
  made(image);
  const before = readMachine("vm1");
  await expect(apply(changes)).rejects.toThrow(reason);
  await expect(apply(changes)).rejects.toThrow(/remove it first: vmcluster machine rm vm1/);
  expect(readMachine("vm1")).toEqual(before);
  expect(readdirSync(join(home(), "machines/vm1"))).toContain("disk.qcow2");
});

it("refuses an image that is not there before anything is changed, listing those there are", async () => {
  pulled("debian", 2);
  const wanted = spec({ image: "nosuch" });
  const expected =
    /"vm1": image: there is no image "nosuch"[^\n]*\n {2}there are: debian\n {2}vmcluster image pull/;
  await expect(machineStatus([wanted])).rejects.toThrow(expected);
  await expect(applyMachine(wanted, { progress: () => undefined })).rejects.toThrow(expected);
  expect(readMachine("vm1")).toBeUndefined();
});

it("does not look for an image that its URL and checksum will bring", async () => {
  const image = { image: "https://images.invalid/disk.qcow2", imageChecksum: `sha256:${"a".repeat(64)}` };
  expect(await machineStatus([spec(image)])).toEqual({
    vm1: { condition: "ok", swarmSshConfig: expect.any(String) },
  });
  await expect(machineStatus([spec({ ...image, image: "ftp://images.invalid/disk" })])).rejects.toThrow(
    /"vm1": image: "ftp:.*\n {2}must be a URL with https, http or file/,
  );
});

it("refuses a disk smaller than the image, whose file system would be cut", async () => {
  pulled("debian", 20);
  await expect(machineStatus([spec({ image: "debian" })])).rejects.toThrow(
    /disk: 10 GiB is less than image debian has\n {2}must be at least 20/,
  );
});

it("tells that a machine will be another one when its image changes, and looks for the new image", async () => {
  pulled("debian", 2);
  made();
  expect(await machineStatus([spec({ ports: [4000], image: "debian" })])).toEqual({
    vm1: { condition: "repair 1: stopped", swarmSshConfig: expect.any(String) },
  });
  await expect(machineStatus([spec({ image: "nosuch" })])).rejects.toThrow(/no image "nosuch"/);
});

it("minds no image that is gone of a machine that was made from it", async () => {
  made("debian");
  expect(await machineStatus([spec({ ports: [4000], image: "debian" })])).toMatchObject({
    vm1: { machine: { name: "vm1" } },
  });
});

it("refuses another machine's address before it stops the machine for it", async () => {
  made();
  const other = record({ spec: spec({ name: "vm2" }) });
  writeMachine({ ...other, network: { ...other.network, privateAddress: "192.168.56.12" } });
  const stops = jest.spyOn(QemuDriver.prototype, "stop");
  jest.spyOn(QemuDriver.prototype, "state").mockResolvedValue("running");
  try {
    await expect(apply({ privateAddress: "192.168.56.12" })).rejects.toThrow(
      /"vm1": privateAddress 192.168.56.12 is that of machine "vm2"/,
    );
    expect(stops).not.toHaveBeenCalled();
  } finally {
    jest.restoreAllMocks();
  }
});

it("keeps the disk of a machine that VirtualBox does not know any more", async () => {
  const driver = VirtualBoxDriver.prototype;
  jest.spyOn(driver, "preflight").mockResolvedValue();
  jest.spyOn(driver, "state").mockResolvedValue("absent");
  jest.spyOn(driver, "hardware").mockResolvedValue(undefined);
  const removes = jest.spyOn(driver, "remove");
  const lost = spec({ ports: [4000], driver: "virtualbox" });
  writeMachine(record({ spec: lost }));
  const disk = join(home(), "machines/vm1/disk-grown.vdi");
  writeFileSync(disk, "");
  try {
    await expect(apply({ driver: "virtualbox" })).rejects.toThrow(
      `${disk} is there\n  it was taken out of VirtualBox's list`,
    );
    expect(removes).not.toHaveBeenCalled();
  } finally {
    jest.restoreAllMocks();
  }
});
