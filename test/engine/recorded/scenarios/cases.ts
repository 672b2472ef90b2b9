/** What programs were seen to do otherwise here than under the Pulumi CLI. */
import { destroy, type Run, run, type Scenario, scenario } from "../scenario";

const withConfig = (config: NonNullable<Run["config"]>, program: string): Run => ({
  ...run(program),
  config,
});

const allConfiguration = `
  for (const [key, value] of Object.entries(pulumi.runtime.allConfig())) exports[key.replace(":", "_")] = "<" + value + ">";`;

const configured = `
  class Seen extends pulumi.dynamic.Resource {
    constructor(name) {
      super({
        async configure(request) { this.seen = [request.config.get("plain"), request.config.require("other:name")].join(); },
        async create() { return { id: "made-1-1", outs: { seen: this.seen } }; },
      }, name, { seen: undefined });
    }
  }
  exports.seen = new Seen("a").seen;`;

const stash = (value: string): Run =>
  run(
    `const stash = new pulumi.Stash("s", { input: ${value} }); exports.kept = stash.output; exports.last = stash.input;`,
  );

export const cases: readonly Scenario[] = [
  scenario(
    "whole numbers of configuration keep their digits, keys of objects are sorted",
    withConfig(
      {
        "sample:id": 12345678901234567890n,
        "sample:longer": 123456789012345678901234567890n,
        "sample:list": [9007199254740993n, 1.5, null, "<&>"],
        "sample:order": { z: 1, a: { y: 2, b: 3 }, "10": "x", "9": "y", é: 1, Z: 3 },
        "sample:none": null,
      },
      allConfiguration,
    ),
  ),
  scenario(
    "a dynamic provider reads all configuration",
    withConfig({ "sample:plain": "one", "other:name": "two" }, configured),
    withConfig({ "sample:plain": "one", "other:name": "three" }, configured),
    destroy,
  ),
  scenario(
    "a stash keeps the value that it was made with",
    stash('{ a: "1" }'),
    stash('{ a: "2" }'),
    stash('pulumi.secret("three")'),
    destroy,
  ),
  scenario("numbers that JSON has not", run("exports.n = [NaN, Infinity, -Infinity, 1e21, 1e-7];")),
];
