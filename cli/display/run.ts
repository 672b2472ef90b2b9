/** What is known of an operation so far: the engine's events folded into one row per resource. Shows nothing itself. */

import { stripVTControlCharacters } from "node:util";
import type { EngineEvent, Severity, StepInfo, StepOp } from "../../engine/events";
import { rootStackType } from "../../engine/urn";
import { isPartOfReplacement, shortType } from "./words";

export interface ResourceRow {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly parent: string | undefined;
  readonly custom: boolean;
  /** The operation under way or done last; `replace` between and after the steps of a replacement. */
  op: StepOp;
  state: "running" | "done" | "failed";
  /** Clock when the running step began, in milliseconds. */
  startedAt: number;
  /** How long the finished steps took together. */
  elapsedMs: number;
  /** What the running step is doing now. */
  status: string;
  diff: readonly string[];
  oldInputs: StepInfo["oldInputs"];
  newInputs: StepInfo["newInputs"];
}

export interface Diagnostic {
  readonly severity: Severity;
  readonly urn: string | undefined;
  readonly message: string;
}

export type Summary = Extract<EngineEvent, { kind: "summary" }>;

/** Folds events into rows. Feed every event to {@link take}, in order. */
export class RunState {
  preview = false;
  stack = "";
  project = "";
  readonly rows = new Map<string, ResourceRow>();
  readonly steps: StepInfo[] = [];
  readonly diagnostics: Diagnostic[] = [];
  /** URNs of resources that were not touched, because something they need failed. */
  readonly skipped = new Set<string>();
  summary: Summary | undefined;
  startedAt: number;

  constructor(private readonly now: () => number = Date.now) {
    this.startedAt = now();
  }

  take(event: EngineEvent): void {
    switch (event.kind) {
      case "prelude":
        this.preview = event.preview;
        this.stack = event.stack;
        this.project = event.project;
        this.startedAt = this.now();
        return;
      case "resource-pre":
        this.begin(event.step);
        return;
      case "resource-status": {
        const row = this.rows.get(event.urn);
        if (row?.state === "running") row.status = oneLine(event.message);
        return;
      }
      case "resource-done":
        this.end(event.step, event.elapsedMs, "done");
        return;
      case "resource-failed":
        this.end(event.step, event.elapsedMs, "failed");
        this.diagnose("error", event.step.urn, event.message);
        return;
      case "resource-skipped":
        this.skipped.add(event.urn);
        return;
      case "diagnostic":
        if (event.severity !== "debug") this.diagnose(event.severity, event.urn, event.message);
        return;
      case "summary":
        this.summary = event;
        this.conclude(event);
        return;
      case "component-outputs":
      case "program-output":
        return;
    }
  }

  /** How many resources have errors; what is said about the whole run counts as one. */
  get errored(): number {
    const stack = [...this.rows.values()].find(({ type }) => type === rootStackType)?.urn;
    const errors = this.diagnostics.filter(({ severity }) => severity === "error");
    return new Set(errors.map(({ urn }) => urn ?? stack)).size;
  }

  /** What the Pulumi CLI says of the stack when steps have failed, or the run was cancelled. */
  private conclude({ result, preview }: Summary): void {
    const what = preview ? "preview" : "update";
    if (result === "canceled") this.diagnose("error", undefined, `${what} canceled`);
    else if ([...this.rows.values()].some(({ state }) => state === "failed"))
      this.diagnose("error", undefined, `${what} failed`);
  }

  /** Heading of a group of diagnostics: type and name of the resource, or of the whole run. */
  label(urn: string | undefined): string {
    const row = urn === undefined ? undefined : this.rows.get(urn);
    if (row) return `${shortType(row.type)} (${row.name})`;
    // An URN the display has no row for: its last two parts are type and name.
    const parts = urn?.split("::");
    if (parts && parts.length >= 4)
      return `${shortType(lastType(parts[2] ?? ""))} (${parts.slice(3).join("::")})`;
    return `pulumi:pulumi:Stack (${this.project}-${this.stack})`;
  }

  private begin(step: StepInfo): void {
    const known = this.steps.findIndex((other) => other.urn === step.urn && other.op === step.op);
    if (known < 0) this.steps.push(step);
    const row = this.row(step);
    row.op = step.op;
    row.startedAt = this.now();
    row.status = "";
    if (row.state !== "failed") row.state = "running";
    if (step.diff.length > 0) differs(row, step);
  }

  private end(step: StepInfo, elapsedMs: number, state: "done" | "failed"): void {
    // What a refresh finds takes the place of its having begun.
    const begun = this.steps.findIndex((other) => other.urn === step.urn && other.op === "refresh");
    if (begun >= 0) this.steps.splice(begun, 1);
    const known = this.steps.findIndex((other) => other.urn === step.urn && other.op === step.op);
    if (known < 0) this.steps.push(step);
    else this.steps[known] = step;
    const row = this.row(step);
    row.op = isPartOfReplacement(step.op) ? "replace" : step.op;
    row.elapsedMs += elapsedMs;
    row.status = "";
    if (row.state !== "failed") row.state = state;
    if (step.diff.length > 0) differs(row, step);
  }

  private row(step: StepInfo): ResourceRow {
    let row = this.rows.get(step.urn);
    if (!row) {
      row = {
        urn: step.urn,
        type: step.type,
        name: step.name,
        parent: step.parent,
        custom: step.custom,
        op: step.op,
        state: "running",
        startedAt: this.now(),
        elapsedMs: 0,
        status: "",
        diff: step.diff,
        oldInputs: step.oldInputs,
        newInputs: step.newInputs,
      };
      this.rows.set(step.urn, row);
    }
    return row;
  }

  /** The same message about the same resource is kept once, however many parts of the engine tell it. */
  private diagnose(severity: Severity, urn: string | undefined, message: string): void {
    const text = stripVTControlCharacters(message).trimEnd();
    if (text.trim() === "") return;
    const told = this.diagnostics.some(
      (other) =>
        other.urn === urn &&
        (other.message === text || (severity === "error" && other.message.includes(text))),
    );
    if (!told) this.diagnostics.push({ severity, urn, message: text });
  }
}

function differs(row: ResourceRow, { diff, oldInputs, newInputs }: StepInfo): void {
  row.diff = diff;
  row.oldInputs = oldInputs;
  row.newInputs = newInputs;
}

/** The type of the resource itself out of an URN's chain of parent types. */
function lastType(chain: string): string {
  return chain.split("$").at(-1) ?? chain;
}

/** First line, without escape codes: what fits beside a resource. */
export function oneLine(text: string): string {
  const lines = stripVTControlCharacters(text).split(/[\r\n]+/);
  return (lines.find((line) => line.trim() !== "") ?? "").replace(/\s+/g, " ").trim();
}
