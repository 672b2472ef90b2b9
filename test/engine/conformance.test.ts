/**
 * Does the embedded engine do what the Pulumi CLI does? To record its answers with the `pulumi` of PATH:
 * `RECORD=1 npx jest --selectProjects unit --testPathPatterns test/engine/conformance` (`-t` limits it to some).
 */
import { Answers, recording } from "./recorded/answers";
import { canonical } from "./recorded/canonical";
import { Ours, pulumiCli } from "./recorded/engines";
import { observe } from "./recorded/observe";
import { themes } from "./recorded/scenarios";
import { foundIn, secretTexts } from "./recorded/secretTexts";
import { SharedProvider, TestProject } from "./testProject";

jest.setTimeout(recording ? 600_000 : 60_000);

const provider = new SharedProvider();
const ours = new Ours();

afterAll(async () => {
  await ours.close();
  await provider.close();
});

describe.each(Object.keys(themes))("%s", (theme) => {
  const scenarios = themes[theme] ?? [];
  const answers = new Answers(theme);
  answers.keepOnly(new Set(scenarios.map(({ name }) => name)));

  test.each(scenarios)("$name", async (scenario) => {
    const answer = answers.get(scenario.name);
    const record = recording === "1" || (recording === "new" && answer === undefined);
    const project = new TestProject("things.js", provider);
    try {
      await project.init();
      if (record) answers.set(scenario.name, await observe(project, scenario, pulumiCli));
      else {
        if (answer === undefined) throw new Error("not recorded");
        let index = 0;
        const seen = await observe(project, scenario, async (...run) => {
          const outcome = await ours.run(...run);
          expect(foundIn(project.state().text, secretTexts(scenario, index++))).toEqual([]);
          return outcome;
        });
        expect(canonical(scenario, seen)).toEqual(canonical(scenario, answer));
      }
    } finally {
      await project.remove();
    }
  });
});
