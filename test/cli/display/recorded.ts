import pc from "picocolors";
import { RunState } from "../../../cli/display/run";
import type { EngineEvent, StepInfo, StepOp } from "../../../engine/events";

export const plainColors = pc.createColors(false);

const urnOf = (type: string, name: string): string => `urn:pulumi:dev::lab::${type}::${name}`;

/** A step on a resource of the stack `dev` in project `lab`. */
export function step(
  op: StepOp,
  type: string,
  name: string,
  parent?: StepInfo | string,
  more: Partial<StepInfo> = {},
): StepInfo {
  return {
    op,
    urn: urnOf(type, name),
    type,
    name,
    parent: typeof parent === "string" ? parent : parent?.urn,
    custom: true,
    diff: [],
    id: undefined,
    provider: undefined,
    protection: undefined,
    oldInputs: undefined,
    oldOutputs: undefined,
    newInputs: undefined,
    ...more,
  };
}

export const stackStep = (op: StepOp): StepInfo =>
  step(op, "pulumi:pulumi:Stack", "lab-dev", undefined, { custom: false });

/** A clock that tests set, and the events of a run played against it. */
export class Recording {
  now = 1_000_000;
  readonly state = new RunState(() => this.now);

  constructor(preview = false) {
    this.play({ kind: "prelude", preview, stack: "dev", project: "lab" });
  }

  play(...events: EngineEvent[]): this {
    for (const event of events) this.state.take(event);
    return this;
  }

  after(seconds: number): this {
    this.now += seconds * 1000;
    return this;
  }

  begins(...steps: StepInfo[]): this {
    return this.play(
      ...steps.map((s): EngineEvent => ({ kind: "resource-pre", preview: this.state.preview, step: s })),
    );
  }

  ends(elapsedSeconds: number, ...steps: StepInfo[]): this {
    return this.play(
      ...steps.map(
        (s): EngineEvent => ({
          kind: "resource-done",
          preview: this.state.preview,
          step: s,
          elapsedMs: elapsedSeconds * 1000,
        }),
      ),
    );
  }

  fails(elapsedSeconds: number, s: StepInfo, message: string): this {
    return this.play({ kind: "resource-failed", step: s, elapsedMs: elapsedSeconds * 1000, message });
  }

  status(s: StepInfo, message: string): this {
    return this.play({ kind: "resource-status", urn: s.urn, message });
  }
}
