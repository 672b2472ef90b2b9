/** Components that a provider constructs in its own process (fixtures/remote.js), and their methods. */
import { destroy, preview, run, type Scenario, scenario } from "../scenario";

const pair = `
  class Pair extends pulumi.ComponentResource {
    constructor(name, inputs, opts) { super("remote:index:Pair", name, { first: undefined, both: undefined, ...inputs }, { version: "1.0.0", ...opts }, true); }
    greet(word) { return pulumi.runtime.call("remote:index:Pair/greet", { __self__: this, word }, this); }
  }
`;
const make = (inputs: string, opts = "{}", more = ""): string =>
  `${pair} const p = new Pair("p", ${inputs}, ${opts}); exports.first = p.first; exports.both = p.both; ${more}`;

export const components: readonly Scenario[] = [
  scenario(
    "made, unchanged, changed, deleted",
    { ...preview(), program: make("{ value: 1 }") },
    run(make("{ value: 1 }")),
    run(make("{ value: 1 }")),
    run(make("{ value: 2 }")),
    run(""),
    destroy,
  ),
  scenario(
    "of outputs and secrets, with dependents",
    run(
      make(
        '{ value: new Thing("a", { value: 1 }).made, text: pulumi.secret("hush") }',
        "{}",
        'new Thing("b", { value: p.both });',
      ),
    ),
    destroy,
  ),
  scenario(
    "with options",
    run(
      `const g = new Group("g"); const a = new Thing("a", {}); ${make("{ value: 1 }", '{ parent: g, protect: true, dependsOn: [a], aliases: [{ name: "q" }] }')}`,
    ),
    run(""),
  ),
  scenario(
    "with a provider for its children",
    run(
      `const cloud = new Provider("cloud", { account: "me" }); ${make("{ value: 1 }", "{ providers: [cloud] }")}`,
    ),
    destroy,
  ),
  scenario(
    "its methods",
    run(
      make(
        "{ value: 1 }",
        "{}",
        'exports.greeting = p.greet("hello").apply((r) => r.greeting); exports.later = p.greet(new Thing("a", { value: 1 }).made).apply((r) => r.greeting);',
      ),
    ),
  ),
  scenario(
    "with transforms",
    run(
      make(
        "{ value: 1 }",
        "{ transforms: [async ({ props, opts, type }) => ({ props: type.startsWith('testing') ? { ...props, text: 'transformed' } : props, opts })] }",
      ),
    ),
  ),
  scenario("one that fails", run(make('{ value: "throw" }'))),
];
