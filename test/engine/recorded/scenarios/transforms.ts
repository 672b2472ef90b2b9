/** Transforms: of a resource, of its parents, of the stack, of functions; and the older kind that runs within the SDK. */
import { destroy, preview, run, type Scenario, scenario } from "../scenario";

const doubled = 'async ({ props, opts }) => ({ props: { ...props, value: props.value + "!" }, opts })';

export const transforms: readonly Scenario[] = [
  scenario(
    "of a resource",
    run(`new Thing("a", { value: 1 }, { transforms: [${doubled}, ${doubled}] });`),
    run(`new Thing("a", { value: 1 }, { transforms: [${doubled}] });`),
    run('new Thing("a", { value: 1 }, { transforms: [async () => undefined] });'),
  ),
  scenario(
    "of a component and its children",
    run(
      `const g = new Group("g", { transforms: [async (args) => { note(args.type + "/" + args.name + "/" + args.custom); return { props: { ...args.props, value: "from g" }, opts: args.opts }; }] }); const h = new Group("h", { parent: g }); new Thing("a", { value: 1 }, { parent: h }); new Thing("b", { value: 1 });`,
    ),
    destroy,
  ),
  scenario(
    "of the stack",
    run(
      `pulumi.runtime.registerResourceTransform(${doubled}); new Thing("a", { value: 1 }); const g = new Group("g"); new Thing("b", { value: 2 }, { parent: g, transforms: [async ({ props, opts }) => ({ props: { ...props, value: "own" }, opts })] });`,
    ),
    run(`pulumi.runtime.registerResourceTransform(${doubled}); new Thing("a", { value: 1 });`),
  ),
  scenario(
    "of options",
    run(
      'new Thing("a", { size: 1 }, { transforms: [async ({ props, opts }) => ({ props, opts: { ...opts, protect: true, ignoreChanges: ["value"], additionalSecretOutputs: ["made"], customTimeouts: { create: "5m" }, deleteBeforeReplace: true, replaceOnChanges: ["list"], retainOnDelete: true } })] });',
    ),
    run('new Thing("a", { size: 1, value: 2 }, { ignoreChanges: ["value"] });'),
    run(
      'new Thing("a", { size: 2, value: 2, list: [1] }, { transforms: [async ({ props, opts }) => ({ props, opts: { ...opts, deleteBeforeReplace: true } })] });',
    ),
  ),
  scenario(
    "that adds a dependency, an alias and a parent's option",
    run('const a = new Thing("a", { value: 1 }); new Thing("b", { value: 1 });'),
    run(
      'const a = new Thing("a", { value: 1 }); new Thing("c", { value: 1 }, { transforms: [async ({ props, opts }) => ({ props, opts: { ...opts, dependsOn: [a], aliases: [{ name: "b" }] } })] });',
    ),
  ),
  scenario(
    "that names a provider",
    run(
      'const p = new Provider("cloud", { account: "one" }); new Thing("a", { value: 1 }, { transforms: [async ({ props, opts }) => ({ props, opts: { ...opts, provider: p } })] });',
    ),
    destroy,
  ),
  scenario(
    "of values with dependencies and secrets",
    run(
      'const a = new Thing("a", { value: pulumi.secret("x") }); new Thing("b", { value: a.made, list: [1] }, { transforms: [async ({ props, opts }) => ({ props: { ...props, list: [a.ownId, pulumi.secret(2)] }, opts })] });',
    ),
    {
      ...preview(),
      program:
        'const a = new Thing("a", { value: pulumi.secret("y") }); new Thing("b", { value: a.made, list: [1] }, { transforms: [async ({ props, opts }) => ({ props: { ...props, text: a.made }, opts })] });',
    },
  ),
  scenario(
    "that fails",
    run(
      'new Thing("a", { value: 1 }, { transforms: [async () => { throw new Error("not this"); }] }); new Thing("b", { value: 1 });',
    ),
  ),
  scenario(
    "of functions",
    run(
      'pulumi.runtime.registerInvokeTransform(async ({ token, args, opts }) => { note(token); return { args: { ...args, question: "instead" }, opts }; }); exports.answer = askOutput({ question: "why" }).apply((r) => r.answer);',
    ),
  ),
  scenario(
    "of the older kind",
    run(
      'const t = ({ props, opts }) => ({ props: { ...props, value: "old" }, opts }); pulumi.runtime.registerStackTransformation(t); const g = new Group("g", { transformations: [({ props, opts, type }) => ({ props: { ...props, text: type }, opts })] }); new Thing("a", { value: 1 }, { parent: g });',
    ),
  ),
];
