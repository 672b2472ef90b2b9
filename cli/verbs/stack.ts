import { type Command, Option } from "commander";
import { does } from "./does";
import { confirmable, count, globals, stackOption } from "./options";
import { pulumiGlobals } from "./pulumiOptions";

export function addStackGroup(program: Command): void {
  const stack = program.command("stack").description("list, select and look at stacks");
  const add = (name: string, description: string, isDefault = false): Command =>
    pulumiGlobals(globals(stack.command(name, { isDefault }).description(description)));
  const load = () => import("../stackCommands.js");
  does(
    stackOption(add("show", "show what there is in a stack", true))
      .option("-i, --show-ids", "with the resources' IDs")
      .option("-u, --show-urns", "with the resources' URNs")
      .option("--show-name", "only the stack's name")
      .option("--show-secrets", "with secret outputs"),
    async () => (await import("../stackShow.js")).show,
  );
  does(
    add("ls", "list the project's stacks")
      .alias("list")
      .option("-j, --json", "as JSON")
      .option("-a, --all", "the same: stacks are a project's"),
    async () => (await load()).list,
  );
  does(
    stackOption(add("rename <name>", "give the stack another name")),
    async () => (await load()).renameStack,
  );
  does(
    stackOption(add("select [name]", "make a stack the one that commands work on"))
      .option("-c, --create", "make it if there is none")
      .addOption(secretsProvider()),
    async () => (await load()).select,
  );
  does(
    stackOption(add("unselect", "let no stack be the one that commands work on")),
    async () => (await load()).unselect,
  );
  does(
    confirmable(stackOption(add("init [name]", "make an empty stack and select it").alias("new")))
      .option("--no-select", "do not select it")
      .option("--copy-config-from <stack>", "with the configuration of this stack")
      .addOption(secretsProvider()),
    async () => (await load()).init,
  );
  does(
    confirmable(stackOption(add("rm [name]", "remove a stack and its configuration").alias("remove")))
      .option("-f, --force", "remove a stack that has resources; nothing keeps track of them afterwards")
      .option("--preserve-config", "leave its configuration file")
      // The copy of the state goes with the stack in any case.
      .addOption(new Option("--remove-backups").hideHelp()),
    async () => (await load()).remove,
  );
  does(
    stackOption(add("output [name]", "print the stack's outputs"))
      .option("-j, --json", "as JSON")
      .option("--shell", "as assignments for a shell")
      .option("--show-secrets", "print secrets too"),
    async () => (await load()).output,
  );
  does(
    stackOption(add("history", "list the stack's updates, the newest first").alias("hist"))
      .option("-j, --json", "as JSON")
      .option("--show-secrets", "with secret configuration in plain text")
      .option("--full-dates", "dates instead of how long ago it was")
      .option("--page <n>", "which page of them (1)", count)
      .option("--page-size <n>", "how many on a page (10)", count),
    async () => (await load()).history,
  );
  does(
    stackOption(
      add("graph <file>", "write what depends on what to this file (- is standard output), for Graphviz"),
    ),
    async () => (await load()).graph,
  );
  does(
    stackOption(add("export", "print the stack's state"))
      .option("--file <file>", "write it to this file")
      .option("--show-secrets", "with secrets in plain text"),
    async () => (await load()).exportState,
  );
  does(
    stackOption(add("import", "replace the stack's state with one that was exported"))
      .option("--file <file>", "read it from this file instead of standard input")
      .option("-f, --force", "import a state of another stack"),
    async () => (await load()).importState,
  );
  addTagGroup(stack);
}

function addTagGroup(stack: Command): void {
  const tag = stack.command("tag").description("look at and change the tags of a stack");
  const add = (name: string, description: string): Command =>
    pulumiGlobals(stackOption(globals(tag.command(name).description(description))));
  const load = () => import("../stackTags.js");
  does(
    add("ls", "list the stack's tags").alias("list").option("-j, --json", "as JSON"),
    async () => (await load()).list,
  );
  does(add("get <name>", "print a tag's value"), async () => (await load()).get);
  does(add("set <name> <value>", "give the stack a tag"), async () => (await load()).set);
  does(add("rm <name>", "take a tag from the stack").alias("remove"), async () => (await load()).remove);
}

const secretsProvider = (): Option =>
  new Option("--secrets-provider <name>", "what keeps its secrets: passphrase, the only one");
