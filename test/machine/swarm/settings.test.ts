import { notAsked } from "../../../cli/machine/docker";
import { nodeTrouble } from "../../../cli/swarm/settings";
import { nodeDifferences } from "../../../machine/swarm/settings";

const is = { role: "worker", availability: "active", labels: { disk: "hdd", theirs: "1" } };
const nothing = { role: "worker", availability: undefined, labels: {} };

it("compares what the program says of a node, and leaves alone what it does not", () => {
  expect(nodeDifferences(nothing, is)).toEqual([]);
  expect(nodeDifferences({ ...nothing, availability: "active", labels: { disk: "hdd" } }, is)).toEqual([]);
});

it("names what keeps a node from its swarm", () => {
  expect(nodeDifferences(nothing, { ...is, trouble: "left the swarm" })).toEqual(["left the swarm"]);
  const answers = { ...notAsked, docker: "28.0.1", swarm: "worker", error: "" };
  // It has just started, or is cut off: no repair helps.
  expect(nodeTrouble(answers)).toBeUndefined();
  expect(nodeTrouble({ ...answers, swarm: "" })).toBe("left the swarm");
  expect(nodeTrouble({ ...notAsked, error: "no answer within 15 s" })).toBe("no answer within 15 s");
});

it("names each difference", () => {
  const wanted = { role: "manager", availability: "drain", labels: { disk: "ssd", rack: "" } };
  expect(nodeDifferences(wanted, is)).toEqual([
    "role worker, wanted manager",
    "availability active, wanted drain",
    'label disk "hdd", wanted "ssd"',
    'label rack missing, wanted ""',
  ]);
  expect(nodeDifferences(nothing, undefined)).toEqual(["not in the swarm"]);
});
