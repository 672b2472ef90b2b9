import { writeFileSync } from "node:fs";
import { notTrimmed } from "../../../cli/machine/trim";
import { machineFiles } from "../../../machine/paths";
import { writeMachine } from "../../../machine/store";
import { record, spec, useTemporaryHome } from "../../machine/temporaryHome";
import { compile } from "../command";
import { machine } from "./parse";

jest.setTimeout(120_000);

useTemporaryHome();
beforeAll(compile);

const existing = () =>
  record({
    spec: spec({ name: "old1", driver: "generic", host: "127.0.0.1" }),
    host: { sshUser: "root", identity: "", os: "", cpus: 1, memory: 1 },
  });

it("refuses machines whose disks are not given back, in words, before any other is trimmed", () => {
  writeMachine(record());
  writeFileSync(machineFiles("vm1").disk, "");
  writeMachine(existing());
  expect(machine("trim", "old1").error).toMatch(
    /^machine "old1" cannot be trimmed\n {2}it is an existing host, .*\n {2}on it, systemctl enable --now fstrim\.timer/,
  );
  expect(machine("trim", "vm1").error).toMatch(/^machine "vm1" is not running/);
  expect(machine("trim", "vm1", "nope").error).toMatch(/^there is no machine "nope"/);
  // Without names it passes over them.
  expect(machine("trim").error).toBe("");
});

it("says what to do about a VirtualBox disk", () => {
  const { why, remedy } = notTrimmed(record({ spec: spec({ driver: "virtualbox" }) })) ?? {};
  expect(why).toBe("a VirtualBox disk does not give back what the guest trims");
  expect(remedy).toContain("VBoxManage modifymedium disk");
  expect(notTrimmed(record())).toBeUndefined();
});
