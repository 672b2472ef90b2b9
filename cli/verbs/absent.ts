/** Verbs of the Pulumi CLI that are not here: each is refused by its name, with what to do instead. */
import type { Command } from "commander";
import { UserError } from "../../host/userError";

const cloud = "it works with Pulumi Cloud, and the state is kept in files here";
const code = "it makes or changes programs and packages, which this command only runs";

/** By path of the verb. */
const absent: Readonly<Record<string, string>> = {
  api: cloud,
  console: cloud,
  convert: code,
  deployment: cloud,
  do: "it changes things that no program declares",
  env: cloud,
  insights: cloud,
  install: "packages of a program are installed with npm",
  neo: cloud,
  new: code,
  org: cloud,
  package: code,
  policy: "the embedded engine runs no policies",
  project: cloud,
  schema: code,
  template: code,
  watch: "the embedded engine does not follow changes of files",
  "config env": cloud,
  "config web": cloud,
  "plugin install": "the embedded engine uses the providers of npm packages: install those with npm",
  "plugin rm": "the embedded engine uses the providers of npm packages: remove those with npm",
  "plugin run": "the embedded engine starts providers itself",
  "stack change-secrets-provider": "the embedded engine has one secrets provider: passphrase",
  "stack drift": cloud,
  "stack get": cloud,
  "stack schedule": cloud,
  "stack webhook": cloud,
  "state edit": "change what `stack export` printed, then use `stack import`",
  "state move": "the embedded engine does not move resources between stacks",
  "state repair": "use `stack import` with a state that was exported before",
  "state taint": "name the resource to replace: up --replace <urn>",
  "state untaint": "name the resource to replace: up --replace <urn>",
};

export function addAbsentVerbs(program: Command): void {
  for (const [path, why] of Object.entries(absent)) {
    const words = path.split(" ");
    const group = words.length === 1 ? program : program.commands.find((child) => child.name() === words[0]);
    group
      ?.command(`${words.at(-1)} [words...]`, { hidden: true })
      .allowUnknownOption()
      .helpOption(false)
      .action(() => {
        throw new UserError(`${path} is a verb of the Pulumi CLI that vmcluster does not have`, why);
      });
  }
}
