import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listMachineRows, machineNames } from "../../../cli/machine/list";
import { removeNamed } from "../../../cli/machine/remove";
import { writeMachine } from "../../../machine/store";
import { record, spec, useTemporaryHome } from "../../machine/temporaryHome";

/** VirtualBox was uninstalled. */
jest.mock("../../../machine/drivers/virtualbox/program", () => ({
  findVBoxManage: () => undefined,
  requireVBoxManage: () => {
    throw new Error("the virtualbox driver needs VirtualBox\n  it is not installed");
  },
}));

const home = useTemporaryHome();
beforeEach(() => {
  writeMachine(record());
  writeFileSync(join(home(), "machines/vm1/disk.qcow2"), "");
  writeMachine(record({ spec: spec({ name: "vbox1", driver: "virtualbox" }) }));
});

it("lists the other machines when a driver cannot tell of one", async () => {
  expect(await machineNames()).toEqual(["vbox1", "vm1"]);
  expect(await listMachineRows([], 1000)).toMatchObject([
    { name: "vbox1", state: "unknown", error: "the virtualbox driver needs VirtualBox" },
    { name: "vm1", state: "stopped", error: "" },
  ]);
});

it("removes such a machine only by force", async () => {
  await expect(removeNamed(["vbox1"], false, true)).rejects.toThrow(/needs VirtualBox/);
  expect(existsSync(join(home(), "machines/vbox1/machine.json"))).toBe(true);
  await removeNamed(["vbox1"], true, true);
  expect(await machineNames()).toEqual(["vm1"]);
  expect(existsSync(join(home(), "machines/vbox1"))).toBe(false);
});
