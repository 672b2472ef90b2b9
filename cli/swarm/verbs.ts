/** The verbs on a running swarm. Each loads what it needs when it is called. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { does } from "../verbs/does";
import { changing, globals, running, stackOption } from "../verbs/options";

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

const examples = (command: Command, ...lines: readonly string[]): Command =>
  command.addHelpText("after", `\nExamples:\n${lines.map((line) => `  vmcluster ${line}`).join("\n")}`);

export function addSwarmVerbs(program: Command): void {
  const add = (usage: string, description: string): Command =>
    onSwarm(globals(stackOption(program.command(usage).description(description))));
  addLookingVerbs(add);
  addDoingVerbs(add, (usage, description) =>
    globals(running(changing(program.command(usage).description(description)))),
  );
}

type Add = (usage: string, description: string) => Command;

/** Verbs that change nothing. */
function addLookingVerbs(add: Add): void {
  does(
    examples(
      formatted(
        add("status", "show the health of the whole cluster; exits with 1 if something is not healthy"),
      ).option("-w, --watch [seconds]", "again and again (every 5 s); q or Ctrl-C ends", seconds),
      "status",
      "status --watch 2",
      "status --format json",
    ),
    async () => (await import("./status.js")).status,
  );
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
  does(
    examples(
      formatted(add("events", "print what happened to nodes and services in the last hour"))
        .option("-f, --follow", "what happens from now on, until Ctrl-C")
        .option("--since <time>", "from then on: 10m, 2026-01-31T12:00:00Z")
        .option("-a, --all", "to containers too, on every node"),
      "events",
      "events -f --all",
      "events --since 10m --format json",
    ),
    async () => (await import("./events.js")).events,
  );
  does(
    examples(
      formatted(
        add("open [url]", "print the addresses of the stack; on a desktop, open the one that is named"),
      )
        .option("--browser", "open it in any case")
        .option("--no-browser", "only print it"),
      "open",
      "open web",
      "open web --no-browser",
    ),
    async () => (await import("./open.js")).open,
  );
}

function addDoingVerbs(add: Add, addUpdating: Add): void {
  does(
    examples(
      add(
        "exec <service> [command...]",
        "run a command in a task's container, on whichever node that is (default: sh); its exit code is passed on",
      ).passThroughOptions(),
      "exec web",
      "exec web.2 -- cat /etc/hosts",
      "exec redis -- redis-cli info clients",
    ),
    async () => (await import("./exec.js")).exec,
  );
  does(
    examples(
      addUpdating(
        "scale <service=replicas...>",
        "set the number of tasks in the stack's configuration and update; web= is what the program says",
      )
        .option("--cluster <cluster>", "of the stack's clusters this one")
        .option("--timeout <seconds>", "how long a manager may take to answer (30)", seconds),
      "scale web=7",
      "scale web=7 api=2 --yes",
      "scale web=",
    ),
    async () => (await import("./scale.js")).scale,
  );
  does(
    examples(
      formatted(add("rollback <service>", "bring a service back to what it was before its last update")),
      "rollback web",
    ),
    async () => (await import("./rollback.js")).rollback,
  );
  does(
    examples(
      formatted(
        add(
          "rebalance [services...]",
          "spread the tasks of services over the nodes again: of those that need it, or of those named",
        ),
      ).option("--dry-run", "only tell which need it"),
      "rebalance --dry-run",
      "rebalance",
      "rebalance web",
    ),
    async () => (await import("./rebalance.js")).rebalance,
  );
  addDataVerbs(add);
}

/** Verbs on what services keep. */
function addDataVerbs(add: Add): void {
  const placed = (command: Command): Command =>
    formatted(command)
      .option("--mount <path>", "where the containers have the data, if a service keeps several")
      .option("--node <node>", "the node that keeps it, if several do");
  does(
    examples(
      placed(
        add(
          "backup <service>",
          "copy a service's data folder or volume to a local file (tar.gz); its tasks are stopped meanwhile",
        ),
      )
        .option("-o, --output <file>", "default: the service's name and the time, in this folder")
        .option("--force", "replace the file if there is one")
        .option("--live", "do not stop the tasks: for services whose files are right at any moment"),
      "backup redis",
      "backup redis -o redis.tar.gz --force",
      "backup db --mount /var/lib/postgresql/data",
    ),
    async () => (await import("./data/backup.js")).backup,
  );
  does(
    examples(
      placed(
        add(
          "restore <service> <file>",
          "replace a service's data by that of a backup; if its tasks do not run with it, what was there comes back",
        ),
      )
        .option("-y, --yes", "go ahead without asking")
        .option(
          "--allow-privileged",
          "also take devices, set-user-ID and set-group-ID programs, and programs with capabilities",
        ),
      "restore redis redis.tar.gz",
      "restore redis redis.tar.gz --yes",
    ),
    async () => (await import("./data/restore.js")).restore,
  );
}
