/** The words and signs of Pulumi's own display for each operation (pkg/resource/deploy/step.go, pkg/display). */
import type { Colors } from "picocolors/types";
import type { StepInfo, StepOp } from "../../engine/events";
import { foundCondition } from "./condition";

interface OpWords {
  /** Two columns. */
  readonly sign: string;
  readonly plan: string;
  readonly doing: string;
  readonly done: string;
  readonly colour: "green" | "red" | "yellow" | "magenta" | "cyan" | "dim";
}

const words: Readonly<Record<StepOp, OpWords>> = {
  same: { sign: "  ", plan: "", doing: "", done: "", colour: "dim" },
  create: { sign: "+ ", plan: "create", doing: "creating", done: "created", colour: "green" },
  update: { sign: "~ ", plan: "update", doing: "updating", done: "updated", colour: "yellow" },
  delete: { sign: "- ", plan: "delete", doing: "deleting", done: "deleted", colour: "red" },
  replace: { sign: "+-", plan: "replace", doing: "replacing", done: "replaced", colour: "magenta" },
  "create-replacement": {
    sign: "++",
    plan: "create replacement",
    doing: "creating replacement",
    done: "created replacement",
    colour: "green",
  },
  "delete-replaced": {
    sign: "--",
    plan: "delete original",
    doing: "deleting original",
    done: "deleted original",
    colour: "red",
  },
  read: { sign: "> ", plan: "read", doing: "reading", done: "read", colour: "cyan" },
  "import-replacement": {
    sign: "=>",
    plan: "import replacement",
    doing: "importing replacement",
    done: "imported replacement",
    colour: "cyan",
  },
  "read-replacement": {
    sign: ">~",
    plan: "read for replacement",
    doing: "reading for replacement",
    done: "read for replacement",
    colour: "cyan",
  },
  refresh: { sign: "~ ", plan: "refresh", doing: "refreshing", done: "refreshed", colour: "yellow" },
  discard: { sign: "< ", plan: "discard", doing: "discarding", done: "discarded", colour: "red" },
  "discard-replaced": {
    sign: "<-",
    plan: "discard original",
    doing: "discarding original",
    done: "discarded original",
    colour: "red",
  },
  import: { sign: "= ", plan: "import", doing: "importing", done: "imported", colour: "cyan" },
};

/** Order in which a summary counts operations. */
export const summaryOrder: readonly StepOp[] = [
  "create",
  "update",
  "delete",
  "replace",
  "read",
  "refresh",
  "discard",
  "import",
];

export const sign = (op: StepOp): string => words[op].sign;
export const planned = (op: StepOp): string => words[op].plan;
export const doing = (op: StepOp): string => words[op].doing;
export const failed = (op: StepOp): string => `**${words[op].doing || "running"} failed**`;
export const done = (op: StepOp): string => words[op].done;

export function paint(op: StepOp, text: string, colors: Colors): string {
  return text.trim() === "" ? text : colors[words[op].colour](text);
}

/** The steps that a replacement consists of; `replace` stands for the whole. */
export const isPartOfReplacement = (op: StepOp): boolean =>
  op === "create-replacement" || op === "delete-replaced" || op === "discard-replaced";

/** `docker:index/service:Service` is shown as `docker:index:Service`, as Pulumi does. */
export function shortType(type: string): string {
  const parts = type.split(":");
  if (parts.length !== 3) return type;
  const [pkg, module, name] = parts as [string, string, string];
  const [folder, file] = module.split("/");
  return file !== undefined && file === name.charAt(0).toLowerCase() + name.slice(1)
    ? `${pkg}:${folder}:${name}`
    : type;
}

/** How long a step took, as the Pulumi CLI writes it: `0.04s` below a second. */
export const took = (milliseconds: number): string =>
  milliseconds < 1000 ? `${(milliseconds / 1000).toFixed(2)}s` : seconds(milliseconds);

/** How long a run took: begun seconds count, `3m5s`. */
export function duration(milliseconds: number): string {
  const total = Math.ceil(milliseconds / 1000);
  const [hours, minutes] = [Math.floor(total / 3600), Math.floor((total % 3600) / 60)];
  return `${hours > 0 ? `${hours}h` : ""}${hours + minutes > 0 ? `${minutes}m` : ""}${total % 60}s`;
}

/** What differs: `is stopped: will be started`, `[diff: +added-gone~changed]`; only first names, as the Pulumi CLI does. */
export function shortDiff({
  op,
  diff,
  oldInputs,
  newInputs,
}: Pick<StepInfo, "op" | "diff" | "oldInputs" | "newInputs">): string {
  if (diff.length === 0 || !/^update$|replace/.test(op)) return "";
  const found = foundCondition({ oldInputs, newInputs });
  const names = [...new Set(diff.map(firstName))].sort();
  // Nothing but what was found is another: its words say all.
  if (found !== undefined && names.join() === "environment") return found;
  const has = (properties: typeof oldInputs, name: string): boolean =>
    properties !== undefined && Object.hasOwn(properties, name);
  const mark = (name: string): string =>
    has(oldInputs, name) === has(newInputs, name) ? "~" : has(newInputs, name) ? "+" : "-";
  const parts = ["+", "-", "~"].map((sign) => {
    const marked = names.filter((name) => mark(name) === sign);
    return marked.length === 0 ? "" : `${sign}${marked.join(",")}`;
  });
  return `${found === undefined ? "" : `${found} `}[diff: ${parts.join("")}]`;
}

/** The top-level property of a path such as `mode.replicated`, `labels[0]` or `["a.b"].c`. */
export function firstName(path: string): string {
  const found = /^(?:\["(.*?)"\]|([^.[]+))/.exec(path);
  return found?.[1] ?? found?.[2] ?? path;
}

/** `42s`, `3m05s`, `1h02m`. */
export function seconds(milliseconds: number): string {
  const total = Math.max(0, Math.floor(milliseconds / 1000));
  const pad = (n: number): string => String(n).padStart(2, "0");
  if (total < 60) return `${total}s`;
  if (total < 3600) return `${Math.floor(total / 60)}m${pad(total % 60)}s`;
  return `${Math.floor(total / 3600)}h${pad(Math.floor((total % 3600) / 60))}m`;
}
