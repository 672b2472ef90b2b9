/** What a component found of a machine, a node or a service: its words are the reason why a command runs again. */
import type { StepInfo } from "../../engine/events";

/** Input of the commands that repair (docs/internals.md). */
const variable = "VMCLUSTER_CONDITION";

/** What is done about it, where that has a word of its own. */
const remedies: Readonly<Record<string, string>> = {
  stopped: "is stopped: will be started",
  paused: "is paused: will be started",
  gone: "is gone: will be made again",
  "disk gone": "has lost its disk: will be made again",
  "not finished": "is not finished: will be finished",
};

const conditionOf = (inputs: StepInfo["newInputs"]): string | undefined => {
  const environment = inputs?.environment;
  if (typeof environment !== "object" || environment === null) return undefined;
  const condition = (environment as Readonly<Record<string, unknown>>)[variable];
  return typeof condition === "string" ? condition : undefined;
};

/** `is stopped: will be started`; undefined if nothing was found that is new. */
export function foundCondition({
  oldInputs,
  newInputs,
}: Pick<StepInfo, "oldInputs" | "newInputs">): string | undefined {
  const found = conditionOf(newInputs);
  if (found === undefined || found === "ok" || found === conditionOf(oldInputs)) return undefined;
  const words = found.replace(/^repair \d+: /, "");
  return remedies[words] ?? `${words}: will be put right`;
}
