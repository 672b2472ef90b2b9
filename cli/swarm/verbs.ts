/** The verbs on a running swarm. Each loads what it needs when it is called. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { SwarmFlags } from "./flags";

type Action = (flags: SwarmFlags, ...words: string[]) => Promise<number>;

export interface SwarmVerbs {
  readonly program: Command;
  /** Options of every verb, and that of a stack. */
  readonly onStack: (command: Command) => Command;
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value <= 3600)) throw new InvalidArgumentError("It must be seconds, more than 0.");
  return value;
}

/** Options that say which swarm. */
const onSwarm = (command: Command): Command =>
  command
    .option("--cluster <cluster>", "of the stack's clusters this one")
    .option("--machine <machine>", "the swarm of which this machine is a manager; needs no project")
    .option("--timeout <seconds>", "how long a manager may take to answer (30)", seconds);

const formatted = (command: Command): Command =>
  command.addOption(new Option("--format <format>").choices(["table", "json"]));

/** What is given after the command's name, lists and single words alike, comes as words. */
function does(command: Command, load: () => Promise<Action>): Command {
  return command.action(async (...given: unknown[]) => {
    const self = given.at(-1) as Command;
    const words = given
      .slice(0, -2)
      .flat()
      .filter((word): word is string => typeof word === "string");
    const run = await load();
    process.exitCode = await run(self.optsWithGlobals<SwarmFlags>(), ...words);
  });
}

const examples = (command: Command, ...lines: readonly string[]): Command =>
  command.addHelpText("after", `\nExamples:\n${lines.map((line) => `  vmcluster ${line}`).join("\n")}`);

export function addSwarmVerbs({ program, onStack }: SwarmVerbs): void {
  const add = (usage: string, description: string): Command =>
    onSwarm(onStack(program.command(usage).description(description)));
  does(
    examples(
      formatted(add("ps [services...]", "list the tasks of the swarm, or of some services"))
        .option("-a, --all", "those that have ended too")
        .option("--node <node>", "those on this node"),
      "ps",
      "ps web --all",
      "ps --node myvm2 --format json",
    ),
    async () => (await import("./ps.js")).ps,
  );
  does(
    examples(
      formatted(add("services", "list the services, and how many of their tasks run")),
      "services",
      "services --machine myvm1",
    ),
    async () => (await import("./services.js")).services,
  );
  does(
    examples(
      formatted(add("nodes", "list the nodes: role, state, tasks, engine, address, size")),
      "nodes",
      "nodes --format json",
    ),
    async () => (await import("./nodes.js")).nodes,
  );
  does(
    examples(
      formatted(add("logs <service>", "print what a service's tasks, or one of them, have printed"))
        .option("-f, --follow", "and what they print from now on, until Ctrl-C")
        .option("--since <time>", "from then on: 10m, 2026-01-31T12:00:00Z")
        .option("-n, --tail <lines>", "only the last lines of each task")
        .option("--timestamps", "begin lines with their time"),
      "logs web",
      "logs -f --tail 20 web",
      "logs web.2 --since 10m --timestamps",
    ),
    async () => (await import("./logs.js")).logs,
  );
}
