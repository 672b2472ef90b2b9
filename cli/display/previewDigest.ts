/** A plan as `pulumi preview --json` prints it (PreviewDigest in pkg/display). */

import type { StepInfo } from "../../engine/events";
import { rootStackType } from "../../engine/urn";
import type { RunState } from "./run";
import { isPartOfReplacement } from "./words";

/** @param config shown only if there is any */
export function previewDigest(state: RunState, config: Readonly<Record<string, string>>): object {
  const diagnostics = state.diagnostics.map(({ urn, message, severity }) => ({
    ...(urn ? { urn } : {}),
    message,
    severity,
  }));
  return {
    ...(Object.keys(config).length > 0 ? { config } : {}),
    steps: state.steps.filter(isShown).map(stepJson),
    ...(diagnostics.length > 0 ? { diagnostics } : {}),
    // Nanoseconds.
    duration: Math.round((state.summary?.durationMs ?? 0) * 1e6),
    changeSummary: state.summary?.changes ?? {},
  };
}

/** Of a replacement the whole; of what stays the same the stack only. */
const isShown = ({ op, type }: StepInfo): boolean =>
  op === "same" ? type === rootStackType : !isPartOfReplacement(op) && op !== "refresh";

function stepJson(step: StepInfo): object {
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
