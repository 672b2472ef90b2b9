/** `preview --json`: the plan in the form of `pulumi preview --json` (sdk/go/auto/optpreview, PreviewDigest in pkg/display). */
import * as engine from "../engine/index";
import { isPartOfReplacement } from "./display/words";
import { exitCodes } from "./fail";
import { type Flags, selected } from "./flags";
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
    ...selected(flags),
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
  const values = await engine.listConfig({ ...target, showSecrets: flags.showSecrets === true });
  const config = Object.fromEntries(values.map(({ fullKey, value }) => [fullKey, value]));
  const digest = {
    ...(values.length > 0 ? { config } : {}),
    steps: [...steps.values()].filter(isShown).map(stepJson),
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

/** Of a replacement the whole; of what stays the same the stack only. */
const isShown = ({ op, type }: engine.StepInfo): boolean =>
  op === "same" ? type === "pulumi:pulumi:Stack" : !isPartOfReplacement(op) && op !== "refresh";

function stepJson(step: engine.StepInfo): object {
  const { op, urn, type, custom, id, parent, provider, protection, diff, oldInputs, newInputs } = step;
  const about = {
    urn,
    custom,
    type,
    ...(parent ? { parent } : {}),
    ...(provider ? { provider } : {}),
  };
  const protect = protection === "kept" ? { protect: true } : {};
  const wasProtected = protection === undefined ? {} : { protect: true };
  const reasons =
    diff.length === 0 ? {} : op === "replace" ? { replaceReasons: diff } : { diffReasons: diff };
  return {
    op,
    urn,
    ...(provider ? { provider } : {}),
    ...(oldInputs
      ? { oldState: { ...about, ...(id ? { id } : {}), ...wasProtected, inputs: oldInputs } }
      : {}),
    ...(newInputs ? { newState: { ...about, ...protect, inputs: newInputs } } : {}),
    ...reasons,
    detailedDiff: null,
  };
}
