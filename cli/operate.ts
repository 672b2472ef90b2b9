/** `up`, `preview` and `destroy`: preview, question, operation, report. */

import type { Operation, OperationResult } from "../engine/api";
import * as engine from "../engine/index";
import { UserError } from "../host/userError";
import { choose } from "./ask";
import { cancellation } from "./cancellation";
import { diffLines } from "./display/diff";
import { Display, type Screen } from "./display/display";
import { changeCounts } from "./display/report";
import { processScreen } from "./display/screen";
import { type Flags, interactive } from "./flags";
import { openSession, type Session } from "./session";
import { chooseStack } from "./stackChoice";
import { requirePrograms } from "./systemPackages";

interface Target extends Session {
  readonly stack: string;
  readonly flags: Flags;
  readonly screen: Screen;
}

interface Shown {
  readonly result: OperationResult;
  readonly display: Display;
}

export async function up(flags: Flags): Promise<number> {
  refuseToAsk(flags, "update");
  const target = await openTarget(flags);
  if (!flags.skipPreview) {
    const plan = await show(target, engine.preview, "Previewing update", true);
    if (plan.result.result !== "succeeded") return 1;
    if (!(await confirmed(target, plan, "update"))) return 1;
  }
  const { result } = await show(target, engine.up, "Updating", true);
  if (result.result !== "succeeded") return 1;
  if (!changed(result)) target.screen.write("There was nothing to change.\n");
  return unexpected(flags, result, "no changes were expected but changes occurred");
}

export async function preview(flags: Flags): Promise<number> {
  const target = await openTarget(flags);
  const { result } = await show(target, engine.preview, "Previewing update", true);
  if (result.result !== "succeeded") return 1;
  return unexpected(flags, result, "no changes were expected but changes were proposed");
}

export async function destroy(flags: Flags): Promise<number> {
  refuseToAsk(flags, "destroy");
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "ifThere");
  if (stack === undefined || (await engine.isEmpty({ ...session, stack }))) {
    process.stdout.write(
      stack === undefined
        ? "This project has no stack: there is nothing to do.\n"
        : `The stack ${stack} has no resources: there is nothing to do.\n`,
    );
    return 0;
  }
  const target = { ...session, stack, flags, screen: await screenOf(flags) };
  if (!flags.skipPreview) {
    const plan = await show(target, engine.previewDestroy, "Previewing destroy", false);
    if (plan.result.result !== "succeeded") return 1;
    if (!(await confirmed(target, plan, "destroy"))) return 1;
  }
  const { result } = await show(target, engine.destroy, "Destroying", false);
  if (result.result !== "succeeded") return 1;
  target.screen.write(
    `The resources in the stack have been deleted, but its history and configuration are kept.\nTo remove them too: vmcluster stack rm ${stack}\n`,
  );
  return 0;
}

async function openTarget(flags: Flags): Promise<Target> {
  const session = openSession(flags);
  // A clone's own program makes machines. Somebody else's program may not: there the machine command checks.
  if (process.env.VMCLUSTER_LAUNCHER) requirePrograms(["machines"], true);
  const stack = await chooseStack(session, flags, "create");
  return { ...session, stack, flags, screen: await screenOf(flags) };
}

function screenOf(flags: Flags): Promise<Screen> {
  return processScreen({ color: flags.color ?? "auto", interactive: flags.nonInteractive !== true });
}

function refuseToAsk(flags: Flags, what: string): void {
  if (flags.yes || flags.skipPreview || interactive(flags)) return;
  throw new UserError(
    "--yes or --skip-preview must be passed in to proceed when running in non-interactive mode",
    `there is no terminal to ask on whether to perform this ${what}`,
  );
}

async function show(target: Target, operation: Operation, heading: string, outputs: boolean): Promise<Shown> {
  const { flags, screen } = target;
  const display = new Display({ screen, heading, outputs, diff: flags.diff });
  const cancelling = cancellation((note) => display.say(note));
  try {
    const result = await operation({
      projectDir: target.projectDir,
      stack: target.stack,
      backendDir: target.backendDir,
      passphrase: target.passphrase,
      parallel: flags.parallel,
      targets: flags.target,
      message: flags.message,
      signal: cancelling.signal,
      onEvent: display.take,
    });
    return { result, display };
  } finally {
    cancelling.end();
    display.end();
  }
}

/** Asks whether to go ahead with a plan. */
async function confirmed(target: Target, plan: Shown, what: string): Promise<boolean> {
  if (target.flags.yes) return true;
  for (;;) {
    const answer = await choose(`Do you want to perform this ${what}?`, ["yes", "no", "details"]);
    if (answer === "yes") return true;
    if (answer !== "details") {
      process.stderr.write(`error: confirmation declined, not proceeding with the ${what}\n`);
      return false;
    }
    for (const line of diffLines(plan.display.state.steps, target.screen.colors))
      target.screen.write(`${line}\n`);
  }
}

const changed = (result: OperationResult): boolean =>
  changeCounts(result.changes).some(({ op }) => op !== "read");

function unexpected(flags: Flags, result: OperationResult, message: string): number {
  if (!flags.expectNoChanges || !changed(result)) return 0;
  process.stderr.write(`error: ${message}\n`);
  return 1;
}
