import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../host/userError";
import { removeByName, removeBySpec } from "../../machine/remove";
import { writeSwarmConfig } from "../../machine/ssh/swarmConfig";
import { listMachines, readMachine, readTombstone, writeMachine, writeTombstone } from "../../machine/store";
import { record, spec, useTemporaryHome } from "./temporaryHome";

const home = useTemporaryHome();
const quiet = (): void => undefined;
const machines = (): string[] => readdirSync(join(home(), "machines")).sort();

it("reads back what was written, readable by its owner only, and leaves no other file", () => {
  writeMachine(record());
  expect(readMachine("vm1")).toEqual(record());
  const dir = join(home(), "machines/vm1");
  expect(readdirSync(dir)).toEqual(["machine.json"]);
  expect(statSync(join(dir, "machine.json")).mode & 0o077).toBe(0);
  expect(statSync(dir).mode & 0o077).toBe(0);
});

it("lists machines by name, and is empty where there is no home yet", () => {
  expect(listMachines()).toEqual([]);
  writeMachine(record({ spec: spec({ name: "vm2" }) }));
  writeMachine(record());
  writeTombstone("vm0", { cluster: "blue", condition: "ok" });
  expect(listMachines().map((machine) => machine.spec.name)).toEqual(["vm1", "vm2"]);
});

it("does not take a folder that was left without a record for a machine", () => {
  mkdirSync(join(home(), "machines/half"), { recursive: true });
  expect(listMachines()).toEqual([]);
  expect(readMachine("half")).toBeUndefined();
});

it.each([
  ["", "Unexpected end of JSON input"],
  [JSON.stringify({ ...record(), spec: { ...record().spec, colour: "red" } }), "colour"],
])("names a record that is damaged or of a later version: %#", async (text, reason) => {
  writeMachine(record());
  const file = join(home(), "machines/vm1/machine.json");
  writeFileSync(file, text);
  const message = (): string => {
    try {
      return String(readMachine("vm1"));
    } catch (error) {
      return error instanceof UserError ? error.message : "another error";
    }
  };
  expect(message()).toContain(`${file} is not a record that this version of vmcluster reads`);
  expect(message()).toContain(reason);
  // What the message says to do.
  renameSync(file, join(home(), "away"));
  await removeByName("vm1", quiet, true);
  expect(machines()).toEqual([]);
});

it("forgets the tombstone when a machine of that name is made", () => {
  mkdirSync(join(home(), "machines"), { recursive: true });
  writeTombstone("vm1", { cluster: "blue", condition: "repair 1: gone" });
  writeMachine(record());
  expect(readTombstone("vm1")).toBeUndefined();
});

it("lists the other machines although the record of one is damaged, and says so once", () => {
  writeMachine(record());
  writeMachine(record({ spec: spec({ name: "vm2" }) }));
  writeFileSync(join(home(), "machines/vm1/machine.json"), "{");
  const said = jest.spyOn(process.stderr, "write").mockReturnValue(true);
  expect(listMachines().map((one) => one.spec.name)).toEqual(["vm2"]);
  expect(listMachines()).toHaveLength(1);
  expect(said.mock.calls.flat().join("")).toMatch(
    /^warning: \S*vm1\/machine.json is not a record[\s\S]*machine rm -f/,
  );
  expect(said).toHaveBeenCalledTimes(1);
  said.mockRestore();
});

it("leaves nothing of a cluster whose last machine's record was lost", async () => {
  writeMachine(record({ swarm: { founder: "f", manager: true } }));
  await writeSwarmConfig("blue");
  rmSync(join(home(), "machines/vm1"), { recursive: true });
  await removeBySpec(spec(), quiet);
  expect(machines()).toEqual([]);
});

it("leaves a tombstone with the condition when a machine is removed by hand", async () => {
  writeMachine(record({ condition: "repair 3: stopped" }));
  await removeByName("vm1", quiet);
  expect(existsSync(join(home(), "machines/vm1"))).toBe(false);
  expect(readTombstone("vm1")).toEqual({ cluster: "blue", condition: "repair 3: stopped" });
});

it("leaves nothing when a program removes a machine, also one that was half made, removed by hand or never there", async () => {
  writeMachine(record());
  writeFileSync(join(home(), "machines/vm1/disk.qcow2"), "");
  await removeBySpec(spec(), quiet);
  expect(machines()).toEqual([]);

  mkdirSync(join(home(), "machines/vm1"));
  await removeBySpec(spec(), quiet);
  expect(machines()).toEqual([]);

  writeMachine(record());
  await removeByName("vm1", quiet);
  await removeBySpec(spec(), quiet);
  await removeBySpec(spec(), quiet);
  expect(machines()).toEqual([]);
});

it("does not remove a machine that another cluster has made under the name", async () => {
  writeMachine(record());
  await removeBySpec(spec({ cluster: "green" }), quiet);
  expect(readMachine("vm1")).toEqual(record());
});
