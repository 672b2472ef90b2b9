import { type Command, Option } from "commander";
import { UserError } from "../../host/userError";
import { each, machinesNamed } from "./each";
import { print } from "./io";
import { shells } from "./shells";

/** Verbs that log in, copy, and tell other programs how to reach machines. */
export function addReachingVerbs(machine: Command): void {
  machine
    .command("ssh")
    .description("log in, or run a command: its exit code is passed on")
    .argument("<name>")
    .argument("[command...]", "after --")
    .passThroughOptions()
    .action(async (name: string, command: string[]) => {
      const { ssh } = await import("./ssh.js");
      process.exitCode = await ssh(name, command);
    });
  machine
    .command("scp")
    .description("copy files to, from or between machines: NAME:path is on a machine")
    .argument("<source>")
    .argument("<target>")
    .option("-r, --recursive", "folders with what is in them")
    .option("-q, --quiet", "show no progress")
    .action(async (source: string, target: string, options: { recursive?: boolean; quiet?: boolean }) => {
      const { copy } = await import("./copy.js");
      process.exitCode = await copy(source, target, options);
    });
  addDockerVerbs(machine);
  machine
    .command("ssh-config")
    .description("print the configuration with which ssh reaches machines, or make your own ssh know them")
    .argument("[names...]")
    .addOption(
      new Option("--install", "include all machines of this home in ~/.ssh/config").conflicts("uninstall"),
    )
    .option("--uninstall", "undo that")
    .action(async (names: string[], options: { install?: boolean; uninstall?: boolean }) => {
      const { install, sshConfigOf } = await import("./sshConfig.js");
      if (!options.install && !options.uninstall) {
        process.stdout.write(sshConfigOf(names));
        return;
      }
      if (names.length > 0) {
        throw new UserError(
          "ssh-config --install and --uninstall are for all machines",
          undefined,
          "leave out the names",
        );
      }
      const changed = install(options.install === true);
      process.stderr.write(changed === undefined ? "nothing to change\n" : `changed ${changed}\n`);
    });
}

function addDockerVerbs(machine: Command): void {
  machine
    .command("env")
    .description("print lines for your shell after which its docker talks to a machine")
    .argument("[name]")
    .addOption(
      new Option("--shell <shell>", "by default that of $SHELL").choices(
        shells.flatMap(({ names }) => names),
      ),
    )
    .option("-u, --unset", "print the lines that undo them")
    .action(async (name: string | undefined, options: { shell?: string; unset?: boolean }) => {
      const { envLines, shellNamed, unsetLines } = await import("./env.js");
      const shell = shellNamed(options.shell);
      if (!options.unset && name === undefined) {
        throw new UserError(
          "machine env needs the name of a machine, or -u",
          undefined,
          "vmcluster machine ls shows them",
        );
      }
      const lines = options.unset || name === undefined ? unsetLines(shell) : await envLines(name, shell);
      for (const line of lines) print(line);
    });
  machine
    .command("config")
    .description("print the docker client's option for a machine: docker $(vmcluster machine config NAME) ps")
    .argument("<name>")
    .action(async (name: string) => {
      const { sshUrl } = await import("../../machine/ssh/url.js");
      const { runningMachine } = await import("./running.js");
      print(`--host=${sshUrl(await runningMachine(name))}`);
    });
  machine
    .command("context")
    .description("make or update the docker contexts of machines, each with its machine's name")
    .argument("<names...>")
    .option("--rm", "remove them")
    .action(async (names: string[], options: { rm?: boolean }) => {
      const { makeContext, removeContext } = await import("./context.js");
      if (!options.rm) machinesNamed(names);
      await each(names, options.rm ? removeContext : makeContext);
    });
}
