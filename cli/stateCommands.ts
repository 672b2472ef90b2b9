/** `state delete|protect|unprotect|rename|upgrade`. */
import * as engine from "../engine/index";
import { UserError } from "../host/userError";
import { choose } from "./ask";
import { backendInUse } from "./backend";
import { type Flags, interactive } from "./flags";
import { projectDirIfAny } from "./project";
import { openSession } from "./session";
import { chooseStack } from "./stackChoice";

async function confirm(flags: Flags, question: string): Promise<void> {
  if (flags.yes) return;
  if (!interactive(flags))
    throw new UserError("--yes must be passed in to change the state when running in non-interactive mode");
  if ((await choose(question, ["no", "yes"])) !== "yes")
    throw new UserError("confirmation declined, the state is as it was");
}

const chosen = (flags: Flags, urns: readonly string[], verb: string): readonly string[] | undefined => {
  if (urns.length === 0 && flags.all !== true)
    throw new UserError("no resource named", undefined, `vmcluster state ${verb} <urn>, or --all`);
  return flags.all ? undefined : urns;
};

export async function remove(flags: Flags, ...given: string[]): Promise<number> {
  const urns = chosen(flags, given, "delete");
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  await confirm(flags, "This changes the state directly; what it describes stays where it is. Go ahead?");
  const { force, targetDependents } = flags;
  await engine.forgetResources({ ...session, stack, urns, force, targetDependents });
  process.stdout.write(urns?.length === 1 ? "Resource deleted\n" : "Resources deleted\n");
  return 0;
}

export const unprotect = (flags: Flags, ...urns: string[]): Promise<number> => protection(flags, urns, false);
export const protect = (flags: Flags, ...urns: string[]): Promise<number> => protection(flags, urns, true);

async function protection(flags: Flags, given: readonly string[], protect: boolean): Promise<number> {
  const verb = protect ? "protect" : "unprotect";
  const urns = chosen(flags, given, verb);
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  await confirm(flags, `This changes in the state what may be deleted. Go ahead and ${verb}?`);
  await engine.protectResources({ ...session, stack, urns, protect });
  process.stdout.write(
    urns === undefined ? `All resources ${verb}ed\n` : `${urns.length} resources ${verb}ed\n`,
  );
  return 0;
}

export async function rename(flags: Flags, urn: string, name: string): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  await confirm(flags, "This changes the state directly; the program must use the new name. Go ahead?");
  await engine.renameResource({ ...session, stack, urn, name });
  process.stdout.write("Resource renamed\n");
  return 0;
}

/** Nothing is asked: what this command writes is of the newest layout already, and an older one is refused. */
export async function upgrade(flags: Flags): Promise<number> {
  const { folder } = backendInUse(flags, projectDirIfAny(flags));
  await engine.upgradeBackend(folder);
  return 0;
}
