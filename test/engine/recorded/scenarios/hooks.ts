/** Hooks before and after a step, and for errors. */
import { destroy, preview, run, type Scenario, scenario } from "../scenario";

const all = `
  const say = (when) => new pulumi.ResourceHook("say-" + when, async (args) => note(when + "/" + args.name + "/" + JSON.stringify([args.newInputs, args.oldInputs, args.newOutputs && Object.keys(args.newOutputs).sort(), args.oldOutputs && args.oldOutputs.made]).replace(/ /g, "_")));
  const hooks = { beforeCreate: [say("beforeCreate")], afterCreate: [say("afterCreate")], beforeUpdate: [say("beforeUpdate")], afterUpdate: [say("afterUpdate")], beforeDelete: [say("beforeDelete")], afterDelete: [say("afterDelete")] };
`;
const failing = (when: string, more = ""): string =>
  `new Thing("a", { value: VALUE }, { hooks: { ${when}: [new pulumi.ResourceHook("bad", async () => { throw new Error("hook says no"); }${more})] } }); new Thing("b", { value: VALUE });`;

export const hooks: readonly Scenario[] = [
  scenario(
    "all, from create to delete",
    run(`${all} new Thing("a", { value: 1 }, { hooks });`),
    run(`${all} new Thing("a", { value: 2 }, { hooks });`),
    run(`${all} new Thing("a", { value: 2, size: 1 }, { hooks });`),
    run(`${all}`),
  ),
  scenario("of a component", run(`${all} new Group("g", { hooks });`), run(`${all}`)),
  scenario("a destroy without the program", run(`${all} new Thing("a", { value: 1 }, { hooks });`), destroy),
  scenario(
    "not in previews, unless asked for",
    {
      ...preview(),
      program:
        'new Thing("a", { value: 1 }, { hooks: { beforeCreate: [new pulumi.ResourceHook("one", async () => note("one")), new pulumi.ResourceHook("two", async () => note("two"), { onDryRun: true })] } });',
    },
    run(
      'new Thing("a", { value: 1 }, { hooks: { beforeCreate: [new pulumi.ResourceHook("one", async () => note("one")), new pulumi.ResourceHook("two", async () => note("two"), { onDryRun: true })] } });',
    ),
  ),
  scenario(
    "one that fails before",
    run(failing("beforeCreate").replaceAll("VALUE", "1")),
    run('new Thing("a", { value: 1 }); new Thing("b", { value: 1 });'),
    run(failing("beforeUpdate").replaceAll("VALUE", "2")),
  ),
  scenario(
    "one that fails after",
    run(failing("afterCreate").replaceAll("VALUE", "1")),
    run('new Thing("a", { value: 2 }); new Thing("b", { value: 2 });'),
  ),
  scenario(
    "one that fails and is ignored",
    run(failing("beforeCreate", ", { ignoreErrors: true }").replaceAll("VALUE", "1")),
  ),
  scenario(
    "an error hook that asks for another try",
    run(
      'let tries = 0; new Thing("a", { value: 1, fail: "create" }, { hooks: { onError: [new pulumi.ErrorHook("again", async (args) => { note(args.failedOperation + "/" + args.errors.length); return ++tries < 3; })] } }); new Thing("b", { value: 1 });',
    ),
  ),
];
