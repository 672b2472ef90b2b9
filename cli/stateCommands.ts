/** `state delete|unprotect`. */
import * as engine from "../engine/index";
import { UserError } from "../host/userError";
import { choose } from "./ask";
import { type Flags, interactive } from "./flags";
import { openSession } from "./session";
import { chooseStack } from "./stackChoice";

async function confirm(flags: Flags, question: string): Promise<void> {
  if (flags.yes) return;
  if (!interactive(flags))
    throw new UserError("--yes must be passed in to change the state when running in non-interactive mode");
  if ((await choose(question, ["no", "yes"])) !== "yes")
    throw new UserError("confirmation declined, the state is as it was");
}

export async function remove(flags: Flags, urn: string): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  await confirm(flags, "This changes the state directly; what it describes stays where it is. Go ahead?");
  await engine.forgetResource({ ...session, stack, urn, force: flags.force });
  process.stdout.write("Resource deleted\n");
  return 0;
}

export async function unprotect(flags: Flags, urn?: string): Promise<number> {
  if (urn === undefined && flags.all !== true) {
    throw new UserError("no resource named", undefined, "vmcluster state unprotect <urn>, or --all");
  }
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  await confirm(flags, "This takes the protection from resources. Go ahead?");
  await engine.unprotectResources({ ...session, stack, urn });
  process.stdout.write(urn === undefined ? "All resources unprotected\n" : "Resource unprotected\n");
  return 0;
}
