import type { Command } from "commander";
import { does } from "./does";
import { collect, globals, stackOption } from "./options";

export function addComposeGroup(program: Command): void {
  const compose = program
    .command("compose")
    .description("compose files: look at, make programs of, write back");
  const add = (name: string, description: string): Command =>
    globals(compose.command(name).description(description))
      .option("-o, --output <file>", "write it to this file instead of standard output")
      .option("--force", "replace the file if it exists");
  const reading = (command: Command): Command =>
    command
      .option("--name <stack>", "name of the stack; default: that in the file, else the folder's")
      .option("--profile <name>", "with the services of this profile (may be repeated)", collect);
  const load = () => import("../compose/commands.js");
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
