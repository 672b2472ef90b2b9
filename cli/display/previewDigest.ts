/** A plan as `pulumi preview --json` prints it (PreviewDigest in pkg/display), made of the events of a preview. */

import type { EngineEvent, Severity, ShownStates, StepInfo } from "../../engine/events";
import { rootStackType } from "../../engine/urn";
import { isPartOfReplacement } from "./words";

interface Diagnostic {
  readonly urn?: string;
  readonly message: string;
  /** `info#err` is what the program writes to standard error. */
  readonly severity: Severity | "info#err";
}

/** Takes each event in order; gives what is to be printed at the end. */
export class PreviewDigest {
  private readonly steps: { readonly step: StepInfo; readonly json: object }[] = [];
  private readonly diagnostics: Diagnostic[] = [];
  private summary: Extract<EngineEvent, { kind: "summary" }> | undefined;
  private failed = false;

  /** @param config of the stack, secrets as `[secret]`; shown only if there is any */
  constructor(private readonly config: Readonly<Record<string, string>>) {}

  take(event: EngineEvent): void {
    switch (event.kind) {
      case "resource-pre":
        if (isShown(event.step)) this.steps.push(entry(event.step, event.states?.()));
        return;
      case "resource-done":
        this.found(event);
        return;
      case "resource-failed":
        this.failed = true;
        this.say("error", event.message, event.step.urn);
        return;
      case "diagnostic":
        if (event.severity !== "debug") this.say(event.severity, event.message, event.urn);
        return;
      case "program-output":
        // Its own end of the line, and that of the message.
        if (event.line !== "") this.say(event.stream === "stdout" ? "info" : "info#err", `${event.line}\n`);
        return;
      case "summary":
        this.summary = event;
        if (event.result === "canceled") this.say("error", "preview canceled");
        else if (this.failed) this.say("error", "preview failed");
        return;
    }
  }

  json(): object {
    const { config, steps, diagnostics, summary } = this;
    return {
      ...(Object.keys(config).length > 0 ? { config } : {}),
      steps: steps.map(({ json }) => json),
      ...(diagnostics.length > 0 ? { diagnostics } : {}),
      // Nanoseconds.
      duration: Math.round((summary?.durationMs ?? 0) * 1e6),
      changeSummary: summary?.changes ?? {},
    };
  }

  /** What a refresh has found to differ takes the place of its having begun. */
  private found({ step, states }: Extract<EngineEvent, { kind: "resource-done" }>): void {
    if (step.op !== "update" && step.op !== "delete") return;
    const begun = this.steps.findIndex((one) => one.step.urn === step.urn && one.step.op === "refresh");
    if (begun >= 0 && states !== undefined) this.steps[begun] = entry(step, states());
  }

  private say(severity: Diagnostic["severity"], message: string, urn?: string): void {
    const prefix = severity === "info" || severity === "info#err" ? "" : `${severity}: `;
    this.diagnostics.push({ ...(urn ? { urn } : {}), message: `${prefix}${message}\n`, severity });
  }
}

/** Of a replacement the whole; of what stays the same the stack only. */
const isShown = ({ op, type }: StepInfo): boolean =>
  op === "same" ? type === rootStackType : !isPartOfReplacement(op);

function entry(step: StepInfo, states: ShownStates | undefined) {
  const { op, urn, diff } = step;
  const { old, new: now } = states ?? {};
  const provider = providerOf(now) ?? providerOf(old);
  const reasons =
    diff.length === 0 ? {} : op === "replace" ? { replaceReasons: diff } : { diffReasons: diff };
  const json = {
    op,
    urn,
    ...(provider === undefined ? {} : { provider }),
    ...(old === undefined ? {} : { oldState: old }),
    ...(now === undefined ? {} : { newState: now }),
    ...reasons,
    detailedDiff: null,
  };
  return { step, json };
}

const providerOf = (state: ShownStates["new"]): string | undefined =>
  typeof state === "object" && state !== null && "provider" in state && typeof state.provider === "string"
    ? state.provider
    : undefined;
