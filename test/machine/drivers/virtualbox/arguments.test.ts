import {
  changeableHardware,
  forwardChanges,
  forwards,
  forwardsIn,
  vmName,
} from "../../../../machine/drivers/virtualbox/arguments";
import { isolinuxConfig } from "../../../../machine/drivers/virtualbox/golden";
import { record, useTemporaryHome } from "../../temporaryHome";

const home = useTemporaryHome();

it("names machines so that two homes can have one of the same name", () => {
  const here = vmName(record());
  expect(here).toMatch(/^vmcluster-[0-9a-f]{8}-blue-vm1$/);
  process.env.VMCLUSTER_HOME = `${home()}-other`;
  expect(vmName(record())).not.toBe(here);
});

it("forwards SSH and the ports from the machine's own loopback address", () => {
  expect(forwards(record()).map(({ rule }) => rule)).toEqual([
    "tcp2222,tcp,127.9.8.7,2222,10.0.2.15,22",
    "tcp4000,tcp,127.9.8.7,4000,10.0.2.15,4000",
  ]);
});

it("changes only the forwards that differ", () => {
  const info = new Map([
    ["Forwarding(0)", "tcp2222,tcp,127.9.8.7,2222,10.0.2.15,22"],
    ["Forwarding(1)", "tcp8080,tcp,127.9.8.7,8080,10.0.2.15,8080"],
    ["natnet1", "nat"],
  ]);
  expect(forwardChanges(forwardsIn(info), forwards(record()))).toEqual([
    ...["--natpf1", "delete", "tcp8080"],
    ...["--natpf1", "tcp4000,tcp,127.9.8.7,4000,10.0.2.15,4000"],
  ]);
});

it("writes MACs without colons and names the network in its kind's own option", () => {
  const args = changeableHardware(record(), { kind: "intnet", name: "a b" });
  expect(args.slice(-4)).toEqual(["--nic2", "intnet", "--intnet2", "a b"]);
  expect(args).toContain("525400000001");
});

it("starts kernel and initrd of the CD without asking", () => {
  expect(isolinuxConfig("quiet")).toBe(
    "default node\nprompt 0\nnoescape 1\ntimeout 1\nlabel node\nkernel /linux\nappend initrd=/initrd quiet\n",
  );
});
