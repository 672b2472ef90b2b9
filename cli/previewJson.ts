/** `preview --json`: the plan in the form of `pulumi preview --json` (sdk/go/auto/optpreview, PreviewDigest in pkg/display). */
import * as engine from "../engine/index";
import { exitCodes } from "./fail";
import type { Flags } from "./flags";
import type { Session } from "./session";

interface Target extends Session {
  readonly stack: string;
  readonly plugins: engine.PluginHost;
}

export async function previewJson(target: Target, flags: Flags): Promise<number> {
  const steps = new Map<string, engine.StepInfo>();
  const diagnostics: { urn?: string; message: string; severity: string }[] = [];
  const started = process.hrtime.bigint();
  const result = await engine.preview({
    ...target,
    parallel: flags.parallel,
    targets: flags.target,
    targetDependents: flags.targetDependents,
    excludes: flags.exclude,
    excludeDependents: flags.excludeDependents,
    replace: flags.replace,
    refresh: flags.refresh,
    onEvent: (event) => {
      if (event.kind === "resource-done") steps.set(`${event.step.urn} ${event.step.op}`, event.step);
      if (event.kind === "resource-failed")
        diagnostics.push({ urn: event.step.urn, message: event.message, severity: "error" });
      if (event.kind === "diagnostic" && event.severity !== "debug")
        diagnostics.push({
          ...(event.urn ? { urn: event.urn } : {}),
          message: event.message,
          severity: event.severity,
        });
    },
  });
  const changes = Object.entries(result.changes).filter(([op]) => op !== "same");
  const digest = {
    steps: [...steps.values()].map(stepJson),
    ...(diagnostics.length > 0 ? { diagnostics } : {}),
    duration: Number(process.hrtime.bigint() - started),
    changeSummary: result.changes,
  };
  process.stdout.write(`${JSON.stringify(digest, undefined, 4)}\n`);
  if (result.result !== "succeeded") return 1;
  if (!flags.expectNoChanges || changes.every(([op]) => op === "read")) return 0;
  process.stderr.write("error: no changes were expected for preview but changes were proposed\n");
  return exitCodes.changes;
}

function stepJson({ op, urn, type, custom, parent, diff, oldInputs, newInputs }: engine.StepInfo): object {
  const about = { urn, custom, type, ...(parent ? { parent } : {}) };
  return {
    op,
    urn,
    ...(oldInputs ? { oldState: { ...about, inputs: oldInputs } } : {}),
    ...(newInputs ? { newState: { ...about, inputs: newInputs } } : {}),
    ...(diff.length > 0 ? { diffReasons: diff } : {}),
  };
}
