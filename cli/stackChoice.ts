import * as engine from "../engine/index";
import { shellWord } from "../host/shellWord";
import { UserError } from "../host/userError";
import { NoSuchStack, StackNotFound } from "./fail";
import type { Flags } from "./flags";
import type { Session } from "./session";

/** Made when a project has no stack and one is needed. */
const defaultStack = "dev";

/** What to do where there is no stack at all: make `dev` (said so), answer undefined, or refuse. */
export type IfNone = "create" | "ifThere" | "refuse";

/**
 * The stack to work on: the one named by `--stack` or `PULUMI_STACK`, else the selected one, else the only one there is.
 * Several and none selected is an error that names them.
 */
export async function chooseStack(
  session: Session,
  flags: Flags,
  ifNone: "create" | "refuse",
): Promise<string>;
export async function chooseStack(
  session: Session,
  flags: Flags,
  ifNone: IfNone,
): Promise<string | undefined>;
export async function chooseStack(
  session: Session,
  flags: Flags,
  ifNone: IfNone,
): Promise<string | undefined> {
  const names = (await engine.listStacks(session)).map(({ name }) => name);
  const asked = flags.stack ?? process.env.PULUMI_STACK;
  if (asked) return existing(session, await ownStack(session, asked), names);
  await refuseLost(session, names);
  const selected = await engine.currentStack(session);
  if (selected !== undefined && names.includes(selected)) return selected;
  if (names.length === 1) return names[0];
  if (names.length > 1) {
    throw new UserError(
      "no stack selected",
      `there are several: ${names.join(", ")}`,
      "select one with: vmcluster stack select <name>, or name it with --stack",
    );
  }
  if (ifNone === "ifThere") return undefined;
  if (ifNone === "refuse") {
    throw new UserError(
      "this project has no stack yet",
      undefined,
      "vmcluster up makes one, or: vmcluster stack init <name>",
    );
  }
  await engine.initStack({ ...session, stack: defaultStack });
  await engine.selectStack({ ...session, stack: defaultStack });
  process.stderr.write(`Created stack '${defaultStack}'\n`);
  return defaultStack;
}

/** Name of the project's stack that is meant: `dev`, `organization/dev` and `organization/<project>/dev` are the same. */
export async function ownStack(session: Session, text: string): Promise<string> {
  const { project, stack } = await engine.referredStack({ ...session, stack: text });
  const own = await engine.projectName(session);
  if (project !== own)
    throw new StackNotFound(
      `stack ${text} is of another project`,
      `Pulumi.yaml of ${session.projectDir} is project ${own}'s`,
      `run this in the folder of ${project}, or name it with -C`,
    );
  return stack;
}

async function existing(session: Session, stack: string, names: readonly string[]): Promise<string> {
  if (names.includes(stack)) return stack;
  const lost = (await engine.lostStacks(session)).find((one) => one.stack === stack);
  if (lost !== undefined) throw lostState(lost);
  throw new NoSuchStack(stack, names);
}

/** A new stack in the place of one whose state somebody deleted would make everything a second time. */
async function refuseLost(session: Session, names: readonly string[]): Promise<void> {
  if (names.length > 0) {
    const chosen = await engine.chosenStack(session);
    if (chosen === undefined || names.includes(chosen)) return;
    const lost = (await engine.lostStacks(session)).find(({ stack }) => stack === chosen);
    if (lost !== undefined) throw lostState(lost);
    return;
  }
  const [lost] = await engine.lostStacks(session);
  if (lost !== undefined) throw lostState(lost);
}

function lostState({ stack, backup }: { readonly stack: string; readonly backup: string }): UserError {
  const state = backup.replace(/\.bak$/, "");
  return new UserError(
    `the state of stack ${stack} is gone: there is no ${state}`,
    `the copy of the one before it, ${backup}, has resources`,
    `bring it back: cp ${shellWord(backup)} ${shellWord(state)}, then vmcluster refresh --stack ${stack}\n  or begin anew, and leave what it made: vmcluster stack init ${stack}`,
  );
}
