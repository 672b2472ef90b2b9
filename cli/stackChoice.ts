import * as engine from "../engine/index";
import { UserError } from "../host/userError";
import { NoSuchStack } from "./fail";
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
  if (asked) {
    if (names.includes(asked)) return asked;
    throw new NoSuchStack(asked, names);
  }
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
