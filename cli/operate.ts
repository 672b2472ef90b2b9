/** `up`, `preview`, `refresh` and `destroy`: preview, question, operation, report. */

import type { Operation, OperationResult } from "../engine/api";
import * as engine from "../engine/index";
import { UserError } from "../host/userError";
import { guardData } from "./dataGuard";
import { changeCounts } from "./display/report";
import { exitCodes, NotConfirmed } from "./fail";
import { type Flags, interactive } from "./flags";
import { runPulumi, usesPulumi } from "./pulumiCli";
import { rollbackOf } from "./rollbackOnFailure";
import { confirmed, show } from "./show";
import { openTarget, type Target } from "./target";
import { refuseUnsupported } from "./unsupported";

/** What the three operations that change something differ in. */
interface Kind {
  readonly name: "update" | "destroy" | "refresh";
  readonly plan: Operation;
  readonly do: Operation;
  readonly doing: string;
  /** Outputs are of interest at the end. */
  readonly outputs: boolean;
  readonly undone?: () => Promise<void>;
}

/** @param undone called if nothing was tried: the preview failed, or the answer was no */
export async function up(flags: Flags, undone?: () => Promise<void>): Promise<number> {
  return change(
    { name: "update", plan: engine.preview, do: engine.up, doing: "Updating", outputs: true, undone },
    flags,
  );
}

export async function refresh(flags: Flags): Promise<number> {
  return change(
    { name: "refresh", plan: engine.previewRefresh, do: engine.refresh, doing: "Refreshing", outputs: true },
    flags,
  );
}

export async function destroy(flags: Flags): Promise<number> {
  return change(
    { name: "destroy", plan: engine.previewDestroy, do: engine.destroy, doing: "Destroying", outputs: false },
    flags,
  );
}

export async function preview(flags: Flags): Promise<number> {
  const target = await openTarget(flags, "create");
  try {
    if (usesPulumi(flags)) return runPulumi("preview", flags, target);
    refuseUnsupported(flags, "preview");
    const { result } = await show(target, engine.preview, "Previewing update", true);
    if (result.result !== "succeeded") return 1;
    return unexpected(flags, result, "preview");
  } finally {
    await target.plugins.close();
  }
}

async function change(kind: Kind, flags: Flags): Promise<number> {
  if (flags.previewOnly && flags.yes) throw new UserError("--yes and --preview-only cannot be used together");
  if (!flags.previewOnly) refuseToAsk(flags, kind.name);
  const target = await openTarget(flags, kind.name === "update" ? "create" : "ifThere");
  if (target === undefined) {
    aside(flags, "This project has no stack: there is nothing to do.\n");
    return 0;
  }
  try {
    if (kind.name !== "update" && !flags.json && (await engine.isEmpty(target))) {
      process.stdout.write(`The stack '${target.stack}' has no resources: there is nothing to do.\n`);
      return 0;
    }
    const pulumi = usesPulumi(flags);
    if (!pulumi) refuseUnsupported(flags, kind.name === "update" ? "up" : kind.name);
    const kept = flags.excludeProtected && !pulumi ? await protectedOnes(target) : undefined;
    if (kept === "all") return 0;
    const chosen = { ...target, protectedUrns: kept ?? [] };
    // What a preview of ours shows is looked at after it; an update without any is not looked at.
    const unseen = pulumi ? !flags.previewOnly : flags.skipPreview;
    if (unseen && !(kind.name === "update" && flags.skipPreview))
      await orUndone(kind, () => guardData(kind, chosen));
    if (!pulumi) return await planAndDo(kind, chosen);
    const rollback =
      kind.name === "update" && !flags.previewOnly
        ? await orUndone(kind, () => rollbackOf(target))
        : undefined;
    const keepLeftovers = rollback !== undefined;
    const verb = kind.name === "update" ? "up" : kind.name;
    const code = await runPulumi(verb, flags, { ...target, keepLeftovers });
    if (code !== 0) await rollback?.();
    return code;
  } finally {
    await target.plugins.close();
  }
}

/** Of the state; "all" and said so if there is nothing else. */
async function protectedOnes(target: Target): Promise<readonly string[] | "all"> {
  const { resources } = await engine.stackOverview(target);
  const urns = resources.filter((resource) => resource.protect).map(({ urn }) => urn);
  const others = resources.filter(
    ({ protect, type }) => !protect && !/^pulumi:(providers:|pulumi:Stack$)/.test(type),
  );
  if (others.length > 0 || urns.length === 0) return urns;
  target.screen.write(
    `There were no unprotected resources to destroy. There are still ${urns.length} protected resources associated with this stack.\n`,
  );
  return "all";
}

async function planAndDo(kind: Kind, target: Target): Promise<number> {
  const { flags, screen, stack } = target;
  if (flags.previewOnly || !flags.skipPreview) {
    const plan = await show(target, kind.plan, `Previewing ${kind.name}`, kind.outputs);
    if (plan.result.result !== "succeeded") {
      await kind.undone?.();
      return 1;
    }
    if (flags.previewOnly) return unexpected(flags, plan.result, kind.name);
    // Not even an output or an option differs: running the program a second time would write the same state.
    if (kind.name === "update" && !plan.result.stateChanged && !flags.json) {
      screen.write("There is nothing to change.\n");
      return 0;
    }
    await orUndone(kind, () => guardData(kind, target, plan.display.state.steps));
    if (!(await confirmed(target, plan, kind.name))) {
      await kind.undone?.();
      return 1;
    }
  }
  const rollback = kind.name === "update" ? await orUndone(kind, () => rollbackOf(target)) : undefined;
  const keepLeftovers = rollback !== undefined;
  const { result } = await show({ ...target, keepLeftovers }, kind.do, kind.doing, kind.outputs);
  if (result.result === "failed") await rollback?.();
  if (result.result !== "succeeded") return 1;
  const whole = !flags.target && !flags.exclude && !flags.excludeProtected;
  if (kind.name === "destroy" && whole && flags.remove) {
    await engine.removeStack(target);
    screen.write(
      "The resources in the stack have been deleted, and the history and configuration removed.\n",
    );
  } else if (target.protectedUrns?.length) {
    screen.write(
      `All unprotected resources were destroyed. There are still ${target.protectedUrns.length} protected resources associated with this stack.\n`,
    );
  } else if (kind.name === "destroy" && whole) {
    screen.write(
      "The resources in the stack have been deleted, but its history and configuration are kept.\n",
    );
    screen.write(`To remove them too: vmcluster stack rm ${stack}\n`);
  } else if (!result.stateChanged) screen.write("There was nothing to change.\n");
  return unexpected(flags, result, kind.name);
}

/** What is refused before anything was tried leaves no trace. */
async function orUndone<T>({ undone }: Kind, check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    await undone?.();
    throw error;
  }
}

/** What is for people: with `--json`, standard output has the JSON alone. */
const aside = ({ json }: Flags, text: string): void =>
  void (json ? process.stderr : process.stdout).write(text);

function refuseToAsk(flags: Flags, what: string): void {
  if (flags.yes || flags.skipPreview) return;
  // The reference ends a refresh with 1 here, up and destroy with 2.
  const Refusal = what === "refresh" ? UserError : NotConfirmed;
  if (flags.json)
    throw new Refusal(
      "--yes or --skip-preview must be passed in with --json",
      `nobody is asked whether to perform this ${what}`,
    );
  if (interactive(flags)) return;
  throw new Refusal(
    "--yes or --skip-preview must be passed in to proceed when running in non-interactive mode",
    `there is no terminal to ask on whether to perform this ${what}`,
  );
}

const changed = (result: OperationResult): boolean =>
  changeCounts(result.changes).some(({ op }) => op !== "read");

function unexpected(flags: Flags, result: OperationResult, what: string): number {
  if (!flags.expectNoChanges || !changed(result)) return 0;
  process.stderr.write(`error: no changes were expected for ${what} but changes were proposed\n`);
  return exitCodes.changes;
}
