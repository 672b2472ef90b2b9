/**
 * Does the embedded engine do what the Pulumi CLI does? Its answers are in recorded/answers.json. To record them anew with
 * the `pulumi` of PATH: `RECORD=1 npx jest test/engine/conformance`.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { version as sdk } from "@pulumi/pulumi/version";
import { canonical } from "./recorded/canonical";
import { ours, pulumiCli } from "./recorded/engines";
import { type Observation, observe } from "./recorded/observe";
import { scenarios } from "./recorded/scenarios";
import { TestProject } from "./testProject";

jest.setTimeout(180_000);

interface Answers {
  readonly versions: Readonly<Record<string, string>>;
  readonly scenarios: Record<string, readonly Observation[]>;
}

const file = join(__dirname, "recorded/answers.json");
const recording = process.env.RECORD === "1";
const answers: Answers = recording
  ? {
      versions: { pulumi: spawnSync("pulumi", ["version"], { encoding: "utf8" }).stdout.trim(), sdk },
      scenarios: {},
    }
  : (JSON.parse(readFileSync(file, "utf8")) as Answers);

afterAll(() => {
  if (recording) writeFileSync(file, `${JSON.stringify(answers, undefined, 1)}\n`);
});

test.each(scenarios)("$name", async (scenario) => {
  const project = new TestProject();
  try {
    await project.init();
    const seen = await observe(project, scenario, recording ? pulumiCli : ours);
    if (recording) answers.scenarios[scenario.name] = seen;
    else {
      const answer = answers.scenarios[scenario.name];
      if (answer === undefined) throw new Error("not recorded");
      expect(canonical(scenario, seen)).toEqual(canonical(scenario, answer));
    }
  } finally {
    await project.remove();
  }
});
