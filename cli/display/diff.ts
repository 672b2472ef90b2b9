/** `--diff` and "details": what changes in each resource, property by property. */
import { isDeepStrictEqual } from "node:util";
import type { Colors } from "picocolors/types";
import type { StepInfo } from "../../engine/events";
import { isPartOfReplacement, paint, planned, sign } from "./words";

export function diffLines(steps: readonly StepInfo[], colors: Colors): string[] {
  return steps
    .filter((step) => step.op !== "same" && !isPartOfReplacement(step.op))
    .flatMap((step) => stepLines(step, colors));
}

function stepLines(step: StepInfo, colors: Colors): string[] {
  const head = `${sign(step.op)}${step.type}: (${planned(step.op)})`;
  const lines = [paint(step.op, head, colors), colors.dim(`    [urn=${step.urn}]`)];
  const before = step.oldInputs && visible(step.oldInputs);
  const after = step.newInputs && visible(step.newInputs);
  if (before && after) lines.push(...changes(before, after, step.diff, "    ", colors));
  else if (after) lines.push(...entries(after, "    "));
  else if (before && step.op !== "delete" && step.op !== "delete-replaced")
    lines.push(...entries(before, "    "));
  return lines;
}

type Properties = Readonly<Record<string, unknown>>;

function changes(
  before: Properties,
  after: Properties,
  paths: readonly string[],
  indent: string,
  colors: Colors,
): string[] {
  const lines: string[] = [];
  for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
    const was = before[key];
    const is = after[key];
    if (isDeepStrictEqual(was, is)) {
      // A provider may find a difference that the inputs do not show: a value that another provider filled in, or a secret.
      if (paths.includes(key) && indent === "    ")
        lines.push(colors.yellow(`${indent.slice(2)}~ ${key}: ${text(is)}`));
    } else if (was === undefined) lines.push(colors.green(`${indent.slice(2)}+ ${key}: ${text(is)}`));
    else if (is === undefined) lines.push(colors.red(`${indent.slice(2)}- ${key}: ${text(was)}`));
    else if (isObject(was) && isObject(is)) {
      lines.push(colors.yellow(`${indent.slice(2)}~ ${key}:`));
      lines.push(...changes(was, is, paths, `${indent}  `, colors));
    } else lines.push(colors.yellow(`${indent.slice(2)}~ ${key}: ${text(was)} => ${text(is)}`));
  }
  return lines;
}

/** Without what providers note down for themselves (`__defaults`), which the Pulumi CLI does not show either. */
function visible(properties: Properties): Properties {
  const clean = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(clean);
    return isObject(value) ? visible(value) : value;
  };
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([key]) => !key.startsWith("__"))
      .map(([key, value]) => [key, clean(value)]),
  );
}

const isObject = (value: unknown): value is Properties =>
  value !== null && typeof value === "object" && !Array.isArray(value);

function entries(properties: Properties, indent: string): string[] {
  return Object.keys(properties)
    .sort()
    .map((key) => `${indent}${key}: ${text(properties[key])}`);
}

/** One line for a value: long ones are cut, what stands for a value stays bare. */
function text(value: unknown): string {
  const json = (JSON.stringify(value) ?? "undefined").replace(/"(\[secret\]|output<string>)"/g, "$1");
  return json.length <= 160 ? json : `${json.slice(0, 159)}…`;
}
