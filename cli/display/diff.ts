/** `--diff` and "details": what changes in each resource, property by property, in the Pulumi CLI's form (display/diff.go). */

import type { Colors } from "picocolors/types";
import type { StepInfo } from "../../engine/events";
import { rootStackType } from "../../engine/urn";
import { changedPropertyLines, propertyLines } from "./propertyLines";
import { firstName, isPartOfReplacement, paint, planned, sign } from "./words";

export function diffLines(steps: readonly StepInfo[], colors: Colors): string[] {
  // Nothing hangs from the stack as long as nothing but the stack would be shown.
  if (!steps.some((step) => step.op !== "same" && isShown(step))) return [];
  // Parents first, so that what changes in them is above what hangs from them; in a delete they come last.
  const above = new Map<string, StepInfo>();
  return steps.flatMap((step) => {
    const depth = depthOf(step, above);
    above.set(step.urn, step);
    return isShown(step) ? stepLines(step, depth, colors) : [];
  });
}

const isShown = ({ op, type, diff }: StepInfo): boolean =>
  (op !== "same" || type === rootStackType) &&
  (op !== "refresh" || diff.length > 0) &&
  !isPartOfReplacement(op);

function depthOf(step: StepInfo, above: ReadonlyMap<string, StepInfo>): number {
  const parent = step.parent === undefined ? undefined : above.get(step.parent);
  return parent === undefined ? 0 : depthOf(parent, above) + (isShown(parent) ? 1 : 0);
}

function stepLines(step: StepInfo, depth: number, colors: Colors): string[] {
  const { op, type, urn, id, provider, protection, oldInputs: before, newInputs: after } = step;
  const space = "    ".repeat(depth);
  const lock = protection === undefined ? "" : protection === "kept" ? " 🔒" : " 🔓";
  const about = [...(id ? [`id=${id}`] : []), `urn=${urn}`, ...(provider ? [`provider=${provider}`] : [])];
  const lines = [
    paint(op, `${space}${sign(op)}${type}: (${planned(op) || op})${lock}`, colors),
    ...about.map((text) => colors.dim(`${space}    [${text}]`)),
  ];
  const indent = depth + 1;
  if (op === "same") return lines;
  if (op === "delete" || op === "discard")
    return [...lines, ...propertyLines(before ?? {}, indent, "-", false, colors)];
  if (before && after) {
    const also = step.diff.map(firstName);
    return [
      ...lines,
      ...changedPropertyLines(before, after, { colors, indent, also, changesOnly: also.length > 0 }),
    ];
  }
  return [...lines, ...propertyLines(after ?? before ?? {}, indent, "+", false, colors)];
}
