/** The engine's events as `pulumi up --json` prints them: one EngineEvent a line (sdk/go/common/apitype/events.go). */

import type { EngineEvent, Made, Severity, StepInfo } from "../../engine/events";
import { rootStackType } from "../../engine/urn";
import { isPartOfReplacement } from "./words";

/** Takes each event in order; gives what is to be printed for it. */
export class JsonEvents {
  private sequence = 0;
  private failed = false;
  /** Components, whose outputs come later, and the stack, whose outputs come last. */
  private readonly awaited = new Map<string, { readonly step: StepInfo; readonly made: Made }>();
  /** What a refresh has read is told by its step's inputs; these are the real ones. */
  private readonly refreshed = new Map<string, StepInfo>();

  /** @param config of the stack, secrets as `[secret]` */
  constructor(private readonly config: Readonly<Record<string, string>>) {}

  lines(event: EngineEvent): string[] {
    return this.events(event).map((content) => {
      const timestamp = Math.floor(Date.now() / 1000);
      return `${JSON.stringify({ sequence: this.sequence++, timestamp, ...content })}\n`;
    });
  }

  private events(event: EngineEvent): object[] {
    switch (event.kind) {
      case "prelude":
        return [{ preludeEvent: { config: this.config } }];
      case "resource-pre":
        return [{ resourcePreEvent: { metadata: this.begun(event.step) } }];
      case "resource-status":
        return [diagnostic("info", event.urn, event.message, { ephemeral: true })];
      case "resource-done":
        if (!event.step.custom && event.made && !this.refreshed.has(event.step.urn)) {
          this.awaited.set(event.step.urn, { step: event.step, made: event.made });
          return [];
        }
        return [done(this.withInputs(event.step), event.made)];
      case "component-outputs":
        return this.arrived(event.urn, event.outputs);
      case "resource-failed":
        this.failed = true;
        return [
          diagnostic("error", event.step.urn, event.message),
          { resOpFailedEvent: { metadata: metadata(event.step, undefined), status: 0, steps: 0 } },
        ];
      case "resource-skipped":
        return [diagnostic("warning", event.urn, `skipped, as it needs what failed: ${event.cause}`)];
      case "diagnostic":
        return [diagnostic(event.severity, event.urn, event.message)];
      case "program-output":
        return [diagnostic(event.stream === "stdout" ? "info" : "info#err", undefined, event.line)];
      case "summary":
        return this.conclusion(event);
    }
  }

  private conclusion(event: Extract<EngineEvent, { kind: "summary" }>): object[] {
    // Of a component that has registered no outputs it is told now; after a failure nobody knows whether it would have.
    const whole = event.result === "succeeded" ? [...this.awaited.values()] : [];
    const rest = whole.sort((a, b) => rank(a.step) - rank(b.step));
    return [
      ...rest.flatMap(({ step, made }) =>
        this.arrived(step.urn, step.type === rootStackType ? event.outputs : made.outputs),
      ),
      ...(event.result === "canceled"
        ? [diagnostic("error", undefined, "update canceled")]
        : this.failed
          ? [diagnostic("error", undefined, "update failed")]
          : []),
      {
        summaryEvent: {
          maybeCorrupt: false,
          durationSeconds: Math.round(event.durationMs / 1000),
          resourceChanges: event.changes,
          PolicyPacks: {},
          isPreview: event.preview,
          result: event.result,
        },
      },
      { cancelEvent: {} },
    ];
  }

  private begun(step: StepInfo): object {
    if (step.op !== "refresh") {
      this.refreshed.delete(step.urn);
      return metadata(step, undefined);
    }
    this.refreshed.set(step.urn, step);
    return metadata(step, { id: step.id ?? "", outputs: step.oldOutputs ?? {} });
  }

  private arrived(urn: string, outputs: Made["outputs"]): object[] {
    const found = this.awaited.get(urn);
    if (found === undefined) return [];
    this.awaited.delete(urn);
    return [done(found.step, { ...found.made, outputs })];
  }

  private withInputs(step: StepInfo): StepInfo & { readonly reads?: boolean } {
    const before = this.refreshed.get(step.urn);
    if (before === undefined) return step;
    const newInputs = step.newInputs && before.newInputs;
    return { ...step, oldInputs: before.oldInputs, newInputs, reads: true };
  }
}

const rank = ({ type }: StepInfo): number => (type === rootStackType ? 1 : 0);

const done = (step: StepInfo, made: Made | undefined): object => ({
  resOutputsEvent: { metadata: metadata(step, made) },
});

/** @param made undefined: not known yet, or gone */
function metadata(step: StepInfo & { readonly reads?: boolean }, made: Made | undefined): object {
  const { op, urn, type, custom, parent = "", provider = "", diff, protection } = step;
  const about = { type, urn, ...(custom ? { custom } : {}), parent };
  const { id = "", outputs = {} } = made ?? {};
  const physical = op === "refresh" || step.reads === true || isPartOfReplacement(op);
  const old = step.oldInputs && {
    ...about,
    id: step.id ?? "",
    ...(protection === undefined ? {} : { protect: true }),
    inputs: step.oldInputs,
    outputs: step.oldOutputs ?? {},
    provider,
  };
  const now = step.newInputs && {
    ...about,
    id,
    ...(protection === "kept" ? { protect: true } : {}),
    inputs: step.newInputs,
    outputs,
    provider,
  };
  return {
    op,
    urn,
    type,
    old: old ?? null,
    new: now ?? null,
    // Top-level properties, without the paths in them.
    ...(diff.length > 0 ? { diffs: [...new Set(diff.map((path) => path.split(/[.[]/)[0]))] } : {}),
    detailedDiff: null,
    ...(physical ? {} : { logical: true }),
    provider,
  };
}

function diagnostic(
  severity: Severity | "info#err",
  urn: string | undefined,
  message: string,
  more: object = {},
): object {
  const prefix = severity === "info" || severity === "info#err" ? {} : { prefix: `${severity}: ` };
  const about = { ...(urn ? { urn } : {}), ...prefix, message: `${message}\n`, color: "never", severity };
  return { diagnosticEvent: { ...about, ...more } };
}
