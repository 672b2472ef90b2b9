import { known, Recorder } from "./mocks";

const recorder = new Recorder();
recorder.start();

import { checkedToken } from "../../components/swarmMember";
import { SwarmMember, type SwarmMemberArgs } from "../../index";

const token = `SWMTKN-1-${"0".repeat(50)}-${"a".repeat(25)}`;
const args = { machine: { machineName: "w1", machineId: "made-once" }, manager: "10.0.0.5", token };

it("joins by the machine command, with the token as a secret", async () => {
  const member = new SwarmMember("w1-node", {
    ...args,
    host: "ssh://root@10.0.0.5",
    labels: { disk: "ssd" },
  });
  expect(await known(member.nodeId)).toBe("n");
  const { stdin, create, delete: remove, triggers } = recorder.one("w1-node-member").inputs;
  expect([create, remove, triggers]).toEqual(["swarm-join", "swarm-quit", ["made-once"]]);
  expect(stdin).toHaveProperty("4dabf18193072939515e22adb298388d");
  expect(JSON.parse((stdin as { value: string }).value)).toEqual({
    machine: "w1",
    machineId: "made-once",
    manager: "10.0.0.5:2377",
    token,
    host: "ssh://root@10.0.0.5",
    labels: { disk: "ssd" },
  });
});

it.each<[Partial<SwarmMemberArgs>, RegExp]>([
  [{ manager: "10.0.0.5; reboot" }, /manager: "10.0.0.5; reboot" must be an address/],
  [{ host: "10.0.0.5" }, /host: "10.0.0.5" must be ssh:/],
  [{ host: "ssh://-oProxyCommand=x" }, /must be ssh:/],
  [{ availability: "off" }, /availability: "off" must be active, pause or drain/],
  [{ labels: { a: "b" } }, /labels: need host/],
  [{ labels: { "a=b": "c" }, host: "ssh://m" }, /labels.a=b: a label.s name must not be empty or contain =/],
])("refuses %j", (changes, message) => {
  expect(() => new SwarmMember("bad", { ...args, ...changes })).toThrow(message);
});

it("refuses what is no token without repeating it", () => {
  expect(() => checkedToken("x", "hush")).toThrow(
    /SwarmMember "x": token: must be a join token, SWMTKN-1-…(?!.*hush)/,
  );
});
