import { noneLeads } from "../../host/swarmTrouble";

const leaderless = "f1: the swarm has no leader there";
const late = "f2: the swarm does not answer in time there";

it.each([
  ["all have none", [leaderless, "f2: the swarm has no leader there"], true],
  ["one still waits for the others", [leaderless, late], true],
  ["all may be choosing", [late], false],
  ["one does not answer: a plan may start it", [leaderless, "f2 did not answer within 20 s"], false],
  ["one is in no swarm: a plan may let it join", [leaderless, "f2 is in no swarm (inactive)"], false],
  ["nobody was asked", [], false],
])("tells that no step of a plan brings a leader: %s", (_what, refusals, hopeless) => {
  expect(noneLeads(refusals)).toBe(hopeless);
});
