/** An operation of the engine on the screen, and the question before it. */
import { appendFileSync, writeFileSync } from "node:fs";
import type { Operation, OperationResult } from "../engine/api";
import * as engine from "../engine/index";
import { onUserFile } from "../host/fileRefusal";
import { localAddresses, waitForAnswers } from "./answers";
import { choose } from "./ask";
import { cancellation } from "./cancellation";
import { diffLines } from "./display/diff";
import { Display, type View } from "./display/display";
import { JsonView } from "./display/json";
import { JsonEvents } from "./display/jsonEvents";
import { operationOptions, type Target } from "./target";

/** How long the addresses of a stack may take to answer once its services run. */
const answerTimeoutMs = 3 * 60_000;

export interface Shown {
  readonly result: OperationResult;
  readonly display: View;
}

export async function show(
  target: Target,
  operation: Operation,
  heading: string,
  outputs: boolean,
): Promise<Shown> {
  const display = await viewOf(target, heading, outputs);
  const log = target.flags.eventLog === undefined ? undefined : await eventLog(target, target.flags.eventLog);
  const cancelling = cancellation((note) => display.say(note));
  let current = false;
  try {
    const result = await operation({
      ...operationOptions(target),
      signal: cancelling.signal,
      onEvent: (event) => {
        display.take(event);
        log?.(event);
      },
    });
    current = !result.stateChanged;
    if (operation === engine.up && result.result === "succeeded" && result.stateChanged) {
      const silent = await waitForAnswers(localAddresses(result.outputs), {
        say: (line) => display.say(line),
        timeoutMs: answerTimeoutMs,
        signal: cancelling.signal,
      });
      for (const url of silent)
        display.say(`${url} does not answer yet: see its tasks with docker service ps, on the manager`);
    }
    return { result, display };
  } finally {
    cancelling.end();
    display.end(current);
  }
}

/** The events go to the file as they come: who reads it follows the operation. */
async function eventLog(target: Target, file: string): Promise<(event: engine.EngineEvent) => void> {
  const events = new JsonEvents(await configOf(target));
  onUserFile(`cannot write the event log ${file}`, () => writeFileSync(file, "", { mode: 0o600 }));
  return (event) => {
    for (const line of events.lines(event)) appendFileSync(file, line);
  };
}

async function configOf(target: Target): Promise<Record<string, string>> {
  const values = await engine.listConfig({ ...target, showSecrets: false });
  return Object.fromEntries(values.map(({ fullKey, value }) => [fullKey, value]));
}

async function viewOf(target: Target, heading: string, outputs: boolean): Promise<View> {
  const { flags, screen } = target;
  if (!flags.json)
    return new Display({ screen, heading, outputs: outputs && !flags.suppressOutputs, diff: flags.diff });
  const values = await engine.listConfig({ ...target, showSecrets: flags.showSecrets === true });
  return new JsonView({
    write: (text) => void process.stdout.write(text),
    say: screen.write,
    config: Object.fromEntries(values.map(({ fullKey, value }) => [fullKey, value])),
  });
}

/** Asks whether to go ahead with a plan. */
export async function confirmed(target: Target, plan: Shown, what: string): Promise<boolean> {
  if (target.flags.yes) return true;
  for (;;) {
    const answer = await choose(`Do you want to perform this ${what}?`, ["yes", "no", "details"]);
    if (answer === "yes") return true;
    if (answer !== "details") {
      process.stderr.write(`error: confirmation declined, not proceeding with the ${what}\n`);
      return false;
    }
    for (const line of diffLines(plan.display.state.steps, target.screen.colors))
      target.screen.write(`${line}\n`);
  }
}
