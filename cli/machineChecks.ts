import type { Command } from "commander";
import { requirePrograms } from "./systemPackages";

/** Verbs that start machines or build images. Listing, reaching and removing must work where a program is gone. */
const verbs: ReadonlySet<string> = new Set(["apply", "status", "start", "restart", "ensure"]);

/** Checks for the system's programs before a verb that needs them; the launcher has them installed. */
export function checkBefore(group: Command): Command {
  return group.hook("preAction", (_group, action) => {
    if (verbs.has(action.name())) requirePrograms(["machines"], false);
  });
}
