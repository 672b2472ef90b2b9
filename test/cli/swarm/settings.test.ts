import { untilElected } from "../../../cli/swarm/settings";
import type { SettingsAnswer } from "../../../machine/swarm/settings";

const leaderless: SettingsAnswer = { leaderless: "f1: the swarm has no leader there" };

it("asks again while a leader may be being chosen", async () => {
  const answers = [leaderless, { silent: "f1 did not answer within 20 s" }];
  expect(await untilElected(async () => answers.shift() ?? {})).toEqual({
    silent: "f1 did not answer within 20 s",
  });
});

it("says at last that there is none", async () => {
  expect(await untilElected(async () => leaderless, -1)).toEqual(leaderless);
});
