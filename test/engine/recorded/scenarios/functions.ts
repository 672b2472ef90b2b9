/** Functions of providers, stack references and reads. */
import { destroy, run, type Scenario, scenario } from "../scenario";

export const functions: readonly Scenario[] = [
  scenario(
    "a function's result as an input",
    run('new Thing("a", { value: ask({ question: "why" }).then((r) => r.answer) });'),
    run('new Thing("a", { value: ask({ question: "how" }).then((r) => r.answer) });'),
  ),
  scenario(
    "a function of an output, and what depends on it",
    run(
      'const a = new Thing("a", { value: 1 }); new Thing("b", { value: askOutput({ question: a.made }).apply((r) => r.answer) }); new Thing("c", { value: askOutput({ question: "x" }, { dependsOn: [a] }).apply((r) => r.answer) });',
    ),
  ),
  scenario(
    "a function of an explicit provider",
    run(
      'const p = new Provider("cloud", { account: "me" }); const g = new Group("g", { providers: [p] }); exports.a = askOutput({ question: "x" }, { provider: p }).apply((r) => r.account); exports.b = askOutput({ question: "x" }, { parent: g }).apply((r) => r.account); exports.c = askOutput({ question: "x" }).apply((r) => r.account);',
    ),
  ),
  scenario(
    "a reference to a stack",
    run('exports.greeting = "hello"; exports.token = pulumi.secret("hush");'),
    run(
      'const s = new pulumi.StackReference("organization/sample/dev"); exports.greeting = s.getOutput("greeting"); exports.again = s.requireOutput("token"); exports.none = s.getOutput("none");',
    ),
    run(
      'const s = new pulumi.StackReference("same", { name: "organization/sample/dev" }); exports.greeting = s.getOutput("greeting"); exports.details = s.getOutputDetails("greeting").then((d) => d.value);',
    ),
    destroy,
  ),
  scenario(
    "a reference to a stack that there is not",
    run('new pulumi.StackReference("organization/sample/nobody"); new Thing("a", {});'),
  ),
  scenario(
    "a read, its dependents, and another id",
    {
      ...run('const r = Thing.get("r", "r-1-1"); new Thing("b", { value: r.made });'),
      exists: { "r-1-1": { value: 1 }, "r-2-2": { value: 2 } },
    },
    run('const r = Thing.get("r", "r-2-2"); new Thing("b", { value: r.made });'),
    run('new Thing("b", { value: 1 });'),
    destroy,
  ),
];
