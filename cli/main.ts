#!/usr/bin/env node
/**
 * The `vmcluster` command. Only the verb that was called is loaded: `machine status` is asked by every preview, so it must start
 * quickly, and the engine takes a second to load.
 */
import "./compileCache";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Argument, Command, InvalidArgumentError, Option } from "commander";
import type { ConfigValues } from "./configCommands";
import { colorChoices } from "./display/choices";
import { errorText, exitCodeOf } from "./fail";
import type { Flags } from "./flags";
import { addSwarmVerbs } from "./swarm/verbs";
import { installPrograms, searchPath } from "./systemPackages";

const packageRoot = join(__dirname, "../..");

function version(): string {
  return (JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { version: string }).version;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("It must be a whole number from 1.");
  return value;
}

/** A switch that is on by default, as `--protect=false`. */
function truth(text: string): boolean {
  if (text !== "true" && text !== "false") throw new InvalidArgumentError("It must be true or false.");
  return text === "true";
}

const collect = (text: string, before: string[] = []): string[] => [...before, text];

/** Options of every command; they may stand before the command too. */
function globals(command: Command): Command {
  return command
    .option("-C, --cwd <dir>", "run as if started in this folder")
    .option("--non-interactive", "ask nothing and redraw nothing")
    .addOption(new Option("--color <when>", "colour the output").choices(colorChoices));
}

const stackOption = (command: Command): Command =>
  command.option("-s, --stack <name>", "the stack to work on, instead of the selected one");

const confirmable = (command: Command): Command => command.option("-y, --yes", "go ahead without asking");

const operation = (command: Command): Command =>
  stackOption(command)
    .option("-p, --parallel <n>", "how many steps run at once", count)
    .option(
      "-t, --target <urn>",
      "limit it to this resource; * stands for parts of it (may be repeated)",
      collect,
    )
    .option("--target-dependents", "and to what depends on those")
    .option("-x, --exclude <urn>", "leave this resource alone; * as above (may be repeated)", collect)
    .option("--exclude-dependents", "and what depends on those")
    .option("-m, --message <text>", "note to keep in the stack's history")
    .option("--diff", "show what changes in each resource, property by property")
    .option("--expect-no-changes", "fail if there is anything to change")
    .option("--suppress-outputs", "do not show the stack's outputs")
    .option(
      "-c, --config <key=value>",
      "set this in the stack's configuration before (may be repeated)",
      collect,
    )
    .option("--config-path", "its key is a path into an object or list")
    .addOption(
      new Option(
        "--engine <name>",
        "what carries it out: this program, or the Pulumi CLI (which does if it is on PATH)",
      ).choices(["embedded", "pulumi"]),
    );

/** An operation that runs the program. */
const running = (command: Command): Command =>
  command
    .option(
      "--target-replace <urn>",
      "limit it to this resource, and replace that (may be repeated)",
      collect,
    )
    .option("--replace <urn>", "replace this resource, changed or not (may be repeated)", collect)
    .option("-r, --refresh", "look at what there really is before");

/** An operation that changes something: previewed and asked about before. */
const changing = (command: Command): Command =>
  confirmable(operation(command))
    .option("-f, --skip-preview", "do not preview first")
    .addOption(new Option("--continue-on-error", "go on with what does not need what failed (always so)"));

/** An operation that may be looked at only, without `preview` being the verb for it. */
const previewable = (command: Command): Command =>
  changing(command).option("--preview-only", "show what it would do, and do nothing");

/** An operation that may delete machines. */
const deleting = (command: Command): Command =>
  command.option("--delete-data", "though it deletes data of services");

/** Loads an action's module when it is called, and ends the process with the code it returns. */
type Action = (flags: Flags, ...values: string[]) => Promise<number>;
function does(command: Command, load: () => Promise<Action>): Command {
  return command.action(async (...given: unknown[]) => {
    const self = given.at(-1) as Command;
    const values = given
      .slice(0, -2)
      .flat()
      .filter((value): value is string => typeof value === "string");
    const run = await load();
    process.exitCode = await run(self.optsWithGlobals<Flags>(), ...values);
  });
}

function operations(program: Command): void {
  const add = (name: string, description: string): Command =>
    globals(program.command(name).description(description));
  does(
    running(deleting(changing(add("up", "create or update the stack's resources").alias("update"))))
      .option("--rollback-on-failure", "if it fails, put the stack's services back to what they were")
      .option("--no-rollback-on-failure", "though the stack's setting vmcluster:rollbackOnFailure is true"),
    async () => {
      const { up } = await import("./operate.js");
      return (flags) => up(flags);
    },
  );
  does(
    running(operation(add("preview", "show what up would do").alias("pre"))).option("-j, --json", "as JSON"),
    async () => (await import("./operate.js")).preview,
  );
  does(
    previewable(add("refresh", "make the state say what there really is")),
    async () => (await import("./operate.js")).refresh,
  );
  does(
    deleting(previewable(add("destroy", "delete all of the stack's resources").alias("down")))
      .option("--remove", "remove the stack and its configuration too")
      .option("--exclude-protected", "leave protected resources, and what they need, alone"),
    async () => (await import("./operate.js")).destroy,
  );
  does(
    confirmable(
      stackOption(
        add(
          "import [type] [name] [id]",
          "take resources that exist into the state, and show how to declare them",
        ),
      ),
    )
      .option("-f, --file <file>", "the resources that this JSON file lists, in the form of `pulumi import`")
      .option("--parent <urn>", "its parent, as <variable>=<urn> or <urn>")
      .option("--provider <urn>", "the provider that it is read with, as <variable>=<urn> or <urn>")
      .option("--properties <names>", "only these of its inputs: name1,name2 (may be repeated)", collect)
      .option("-p, --parallel <n>", "how many steps run at once", count)
      .option("-m, --message <text>", "note to keep in the stack's history")
      .option("-o, --out <file>", "write the declarations to this file")
      .option("--skip-preview", "do not preview first")
      .option("--preview-only", "show what it would do, and do nothing")
      .option("--generate-code [bool]", "print how to declare them (true)", truth)
      .addOption(new Option("--no-generate-code", "print no declarations"))
      .option("--protect [bool]", "protect them from deletion (true)", truth)
      .addOption(new Option("--no-protect", "do not protect them from deletion")),
    async () => (await import("./importCommand.js")).importResources,
  );
  does(
    confirmable(
      stackOption(
        add("cancel [stack]", "remove the lock that an operation killed half-way left on the stack"),
      ),
    ),
    async () => (await import("./stackCommands.js")).cancel,
  );
}

function stackGroup(program: Command): void {
  const stack = program.command("stack").description("list, select and look at stacks");
  const add = (name: string, description: string, isDefault = false): Command =>
    globals(stack.command(name, { isDefault }).description(description));
  const load = () => import("./stackCommands.js");
  does(
    stackOption(add("show", "show what there is in a stack", true))
      .option("-i, --show-ids", "with the resources' IDs")
      .option("-u, --show-urns", "with the resources' URNs")
      .option("--show-name", "only the stack's name")
      .option("--show-secrets", "with secret outputs"),
    async () => (await import("./stackShow.js")).show,
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
    add("select [name]", "make a stack the one that commands work on").option(
      "-c, --create",
      "make it if there is none",
    ),
    async () => (await load()).select,
  );
  does(add("init [name]", "make an empty stack and select it").alias("new"), async () => (await load()).init);
  does(
    confirmable(stackOption(add("rm [name]", "remove a stack and its configuration").alias("remove")))
      .option("-f, --force", "though it has resources, which then nobody knows of")
      .option("--preserve-config", "leave its configuration file"),
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
      .option("-f, --force", "though it was another stack's"),
    async () => (await load()).importState,
  );
}

function composeGroup(program: Command): void {
  const compose = program
    .command("compose")
    .description("compose files: look at, make programs of, write back");
  const add = (name: string, description: string): Command =>
    globals(compose.command(name).description(description))
      .option("-o, --output <file>", "write it to this file instead of standard output")
      .option("--force", "though there is such a file");
  const reading = (command: Command): Command =>
    command
      .option("--name <stack>", "name of the stack; default: that in the file, else the folder's")
      .option("--profile <name>", "with the services of this profile (may be repeated)", collect);
  const load = () => import("./compose/commands.js");
  does(
    reading(
      add("config <files...>", "print what is made of compose files, later ones merged over earlier ones"),
    ),
    async () => (await load()).config,
  );
  does(
    reading(add("import <files...>", "write a program that makes what compose files describe")),
    async () => (await load()).importFile,
  );
  does(
    stackOption(add("export", "write a compose file of the stack's services")).option(
      "--name <stack>",
      "only those of this swarm stack, where there are several",
    ),
    async () => (await load()).exportFile,
  );
}

function stateGroup(program: Command): void {
  const state = program.command("state").description("mend a state that says something else than is true");
  const add = (name: string, description: string): Command =>
    confirmable(stackOption(globals(state.command(name).description(description))));
  const load = () => import("./stateCommands.js");
  const protection = (verb: string, description: string): Command =>
    add(`${verb} [urns...]`, description).option("--all", "all resources");
  does(
    add("delete [urns...]", "take resources out of the state; the things themselves stay")
      .option("--force", "though they are protected")
      .option("--all", "all resources")
      .option("--target-dependents", "and what needs them"),
    async () => (await load()).remove,
  );
  does(protection("unprotect", "take the protection from resources"), async () => (await load()).unprotect);
  does(protection("protect", "protect resources from deletion"), async () => (await load()).protect);
  does(
    add("rename <urn> <name>", "give a resource another name, as the program has done"),
    async () => (await load()).rename,
  );
}

function configGroup(program: Command): void {
  const config = program.command("config").description("look at and change the stack's configuration");
  const add = (name: string, description: string, isDefault = false): Command =>
    stackOption(globals(config.command(name, { isDefault }).description(description)));
  const load = () => import("./configCommands.js");
  does(
    add("set <key> [value]", "set a value; without one it is read from standard input")
      .option("--secret", "keep it encrypted")
      .option("--path", "the key is a path into an object or list: server.ports[0]")
      .option("--plaintext", "keep it as it is (the default)")
      .addOption(
        new Option("--type <type>", "what it is, within an object or list").choices([
          "string",
          "int",
          "bool",
          "float",
        ]),
      ),
    async () => (await load()).set,
  );
  const path = (command: Command): Command =>
    command.option("--path", "the key is a path into an object or list");
  does(
    path(add("get <key>", "print a value").option("-j, --json", "as JSON")),
    async () => (await load()).get,
  );
  does(path(add("rm <key>", "remove a value").alias("remove")), async () => (await load()).remove);
  does(path(add("rm-all <keys...>", "remove values").alias("remove-all")), async () => (await load()).remove);
  does(
    path(add("set-all", "set several values"))
      .option("--plaintext <key=value>", "a value to be kept as it is (may be repeated)", collect)
      .option("--secret <key=value>", "a value to be kept encrypted (may be repeated)", collect)
      .option("--json <values>", "values as `config --json` prints them"),
    async () => {
      const { setAll } = await load();
      return (flags) => setAll(flags, flags as unknown as ConfigValues);
    },
  );
  does(
    path(add("cp [key]", "copy a value, or all, to another stack").alias("copy")).option(
      "-d, --dest <stack>",
      "the stack to copy to",
    ),
    async () => (await load()).copy,
  );
  does(
    add("ls", "list all values", true)
      .option("-j, --json", "as JSON")
      .option("--show-secrets", "print secrets too"),
    async () => (await load()).list,
  );
}

/** Groups of verbs with their own option parsing, loaded only if they may be called: their parsers are not small. */
async function machineGroups(program: Command, called: readonly string[]): Promise<void> {
  if (called.some((word) => word === "machine" || word === "image")) {
    const groups = await import("./machine/index.js");
    program.addCommand(groups.machineCommand());
    program.addCommand(groups.imageCommand());
    return;
  }
  program.command("machine").description("make, list, reach and remove machines");
  program.command("image").description("list, build, pull and remove disk images");
}

/** `completion bash` prints what a shell reads once; `__complete` is what it then asks at each Tab. */
function completion(program: Command): void {
  program
    .command("completion")
    .description("print the completion of verbs, options and machine names for a shell")
    .addArgument(new Argument("<shell>").choices(["bash", "zsh", "fish"]))
    .addHelpText(
      "after",
      `
bash:  echo 'source <(vmcluster completion bash)' >> ~/.bashrc
zsh:   echo 'source <(vmcluster completion zsh)' >> ~/.zshrc
fish:  vmcluster completion fish > ~/.config/fish/completions/vmcluster.fish`,
    )
    .action(async (shell: string) => {
      const { scripts } = await import("./completion/scripts.js");
      process.stdout.write(scripts[shell] ?? "");
    });
  program
    .command("__complete [words...]", { hidden: true })
    .passThroughOptions()
    .action(async (words: string[]) => {
      const { candidates } = await import("./completion/candidates.js");
      const { listMachines } = await import("../machine/store.js");
      const { swarmNames } = await import("./completion/swarmNames.js");
      const names = {
        machines: () => listMachines().map(({ spec }) => spec.name),
        ...(await swarmNames(program, words)),
      };
      for (const { word, description } of candidates(program, words, names))
        process.stdout.write(description === "" ? `${word}\n` : `${word}\t${description}\n`);
    });
}

/** Only in a clone: the published package holds no tests. */
function testCommand(program: Command, clone: string): void {
  program
    .command("test [arguments...]")
    .description("run the tests: all, or the suites named (unit, e2e); other arguments are jest's")
    .allowUnknownOption()
    .passThroughOptions()
    .helpOption(false)
    .action(async (words: string[]) => {
      const suites = words.filter((word) => ["unit", "e2e"].includes(word));
      const rest = words.filter((word) => !suites.includes(word));
      installPrograms(["machines", "tests"]);
      process.exitCode = await (await import("./testRun.js")).runTests(clone, suites, rest);
    });
}

/** A reader that goes away (`vmcluster up | head`) must not end an operation half-way. */
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}

async function main(args: readonly string[]): Promise<void> {
  outliveReaders();
  // mke2fs and others are where Debian has no user look.
  process.env.PATH = searchPath();
  const program = globals(new Command("vmcluster"))
    .description("Virtual machines, a Docker Swarm on them and services on it, as Pulumi components.")
    .version(version(), "--version", "print the version")
    .enablePositionalOptions()
    .showHelpAfterError("(--help shows what there is)");
  stackOption(program).option("-y, --yes", "go ahead without asking");
  operations(program);
  addSwarmVerbs({
    program,
    onStack: (command) => globals(stackOption(command)),
    updating: (command) => globals(running(changing(command))),
  });
  stackGroup(program);
  configGroup(program);
  stateGroup(program);
  composeGroup(program);
  await machineGroups(program, args);
  const clone = process.env.VMCLUSTER_LAUNCHER;
  if (clone) testCommand(program, clone);
  completion(program);
  await program.parseAsync(args, { from: "user" });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${errorText(error)}\n`);
  process.exitCode = exitCodeOf(error);
});
