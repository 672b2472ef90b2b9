/** Verbs of the Pulumi CLI that scripts call besides operations: who, where, with what. */
import { type Command, Option } from "commander";
import type { LoginFlags, WhoFlags } from "../login";
import { does } from "./does";
import { globals, stackOption } from "./options";
import { pulumiGlobals } from "./pulumiOptions";

const output = (): Option =>
  new Option("--output <format>", "how it is printed").choices(["default", "json"]);

export function addPulumiVerbs(program: Command): void {
  const add = (on: Command, name: string, description: string): Command =>
    pulumiGlobals(globals(on.command(name).description(description)));
  does(add(program, "version", "print the version, as v1.2.3"), async () => {
    const { ownVersion } = await import("../version.js");
    return async () => {
      process.stdout.write(`v${ownVersion()}\n`);
      return 0;
    };
  });
  does(
    stackOption(add(program, "about", "print what a report of a mistake needs to say"))
      .option("-j, --json", "as JSON")
      .addOption(output())
      .addOption(new Option("-t, --transitive").hideHelp()),
    async () => (await import("../about.js")).about,
  );
  does<WhoFlags>(
    pulumiGlobals(
      globals(program.command("whoami").description("print who works with the backend")),
      "whoami",
    )
      .option("-v, --verbose", "and which backend it is")
      .option("-j, --json", "as JSON")
      .addOption(output()),
    async () => (await import("../login.js")).whoami,
  );
  const addressed = (command: Command): Command =>
    command
      .option("-c, --cloud-url <url>", "the same as the argument")
      .option("-l, --local", "the folder .pulumi in your home: file://~");
  does<LoginFlags>(
    addressed(add(program, "login [url]", "keep the state in this folder (file://<folder>) from now on")),
    async () => (await import("../login.js")).login,
  );
  does<LoginFlags>(
    addressed(add(program, "logout [url]", "keep the state in VMCLUSTER_HOME again")).option(
      "--all",
      "whatever folder it is now",
    ),
    async () => (await import("../login.js")).logout,
  );
  const plugin = program.command("plugin").description("list provider plugins");
  does(
    add(plugin, "ls", "list the plugins that the Pulumi CLI has installed; the embedded engine uses them too")
      .alias("list")
      .option("-j, --json", "as JSON"),
    async () => (await import("../pluginList.js")).list,
  );
}
