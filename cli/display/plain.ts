/** Progress for pipes, files and CI: one line per start, finish and news of a long step; nothing is ever redrawn. */
import type { Colors } from "picocolors/types";
import type { EngineEvent, StepInfo, StepOp } from "../../engine/events";
import { isManaged } from "../../engine/urn";
import { oneLine, type RunState } from "./run";
import {
  doing,
  done,
  failed,
  isPartOfReplacement,
  paint,
  planned,
  seconds,
  shortDiff,
  shortType,
  sign,
  took,
} from "./words";

/** The same status with other numbers (seconds counted up, per cents) is repeated no more often than this. */
const repeatMs = 10_000;
/** A step that says nothing is mentioned this often, so that a log shows what is being waited for. */
const silenceMs = 30_000;

export class PlainProgress {
  private readonly told = new Map<string, { text: string; at: number }>();

  constructor(
    private readonly state: RunState,
    private readonly write: (line: string) => void,
    private readonly colors: Colors,
    private readonly now: () => number = Date.now,
  ) {}

  /** To be called after the state has taken the event. */
  show(event: EngineEvent): void {
    // A refresh reads nothing of it.
    if ("step" in event && event.step.op === "refresh" && !isManaged(event.step)) return;
    switch (event.kind) {
      case "resource-pre":
        // Components take as long as what is in them: their beginning says nothing.
        if (event.step.custom && worthTelling(event.step.op, event.preview) && !event.preview)
          this.started(event.step);
        return;
      case "resource-status":
        this.status(event.urn, oneLine(event.message));
        return;
      case "resource-done":
        this.told.delete(event.step.urn);
        if (!worthTelling(event.step.op, event.preview)) return;
        if (event.preview) this.line(event.step, `${planned(event.step.op)} ${shortDiff(event.step)}`);
        else if (!event.step.custom) this.line(event.step, done(event.step.op));
        else
          this.line(event.step, `${done(event.step.op)} (${took(event.elapsedMs)}) ${shortDiff(event.step)}`);
        return;
      case "resource-failed":
        this.told.delete(event.step.urn);
        // Why is told once, at the end.
        this.line(event.step, this.colors.red(failed(event.step.op)));
        return;
      case "program-output":
        this.write(event.line);
        return;
    }
  }

  /** To be called now and then: mentions steps that have been silent for long. */
  tick(): void {
    for (const [urn, { at }] of this.told) {
      const row = this.state.rows.get(urn);
      if (row?.state !== "running" || this.now() - at < silenceMs) continue;
      this.say(urn, row.status);
    }
  }

  private started(step: StepInfo): void {
    this.told.set(step.urn, { text: "", at: this.now() });
    this.line(step, `${doing(step.op)} ${shortDiff(step)}`);
  }

  private status(urn: string, message: string): void {
    const last = this.told.get(urn);
    const repeated = last !== undefined && shape(last.text) === shape(message);
    if (message === "" || (repeated && this.now() - last.at < repeatMs)) return;
    this.say(urn, message);
  }

  private say(urn: string, message: string): void {
    const row = this.state.rows.get(urn);
    if (!row) return;
    this.told.set(urn, { text: message, at: this.now() });
    this.line(
      row,
      `${doing(row.op) || "running"} (${seconds(this.now() - row.startedAt)}) ${message}`.trimEnd(),
    );
  }

  private line(step: Pick<StepInfo, "op" | "type" | "name">, text: string): void {
    this.write(
      ` ${paint(step.op, sign(step.op), this.colors)} ${shortType(step.type)} ${step.name} ${text}`.trimEnd(),
    );
  }
}

/** A replacement is one line in a preview; when it is carried out its two steps are told. */
function worthTelling(op: StepOp, preview: boolean): boolean {
  return op !== "same" && (preview ? !isPartOfReplacement(op) : op !== "replace");
}

const shape = (message: string): string => message.replace(/\d+/g, "#");
