import type { Command } from "commander";
import { does } from "./does";
import { confirmable, globals, stackOption } from "./options";
import { pulumiGlobals } from "./pulumiOptions";

export function addStateGroup(program: Command): void {
  const state = program.command("state").description("mend a state that says something else than is true");
  const add = (name: string, description: string): Command =>
    pulumiGlobals(confirmable(stackOption(globals(state.command(name).description(description)))));
  const load = () => import("../stateCommands.js");
  const protection = (verb: string, description: string): Command =>
    add(`${verb} [urns...]`, description).option("--all", "all resources");
  does(
    add("delete [urns...]", "take resources out of the state; the things themselves stay")
      .option("--force", "change protected resources too")
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
  does(
    pulumiGlobals(
      confirmable(
        globals(state.command("upgrade").description("bring the backend's files to the newest layout")),
      ),
    ),
    async () => (await load()).upgrade,
  );
}
