import { type Command, Option } from "commander";
import type { ConfigValues } from "../configCommands";
import type { Flags } from "../flags";
import { does } from "./does";
import { collect, globals, stackOption } from "./options";
import { pulumiGlobals } from "./pulumiOptions";

export function addConfigGroup(program: Command): void {
  const config = program.command("config").description("look at and change the stack's configuration");
  const add = (name: string, description: string, isDefault = false): Command =>
    pulumiGlobals(
      stackOption(globals(config.command(name, { isDefault }).description(description))).option(
        "--config-file <file>",
        "use this file instead of Pulumi.<stack>.yaml",
      ),
    );
  const load = () => import("../configCommands.js");
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
  does<Flags & ConfigValues>(
    path(add("set-all", "set several values"))
      .option("--plaintext <key=value>", "a value to be kept as it is (may be repeated)", collect)
      .option("--secret <key=value>", "a value to be kept encrypted (may be repeated)", collect)
      .option("--json <values>", "values as `config --json` prints them"),
    async () => {
      const { setAll } = await load();
      return (flags) => setAll(flags, flags);
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
