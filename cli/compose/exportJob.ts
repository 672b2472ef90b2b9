/** A job in the state as the arguments it was made from, without what is the default. */
import { withoutUndefined } from "../../components/compose/convert";
import type { PlannedJobArgs } from "../../components/compose/plan";
import { type ServiceState, serviceOf } from "./exportService";
import { fields, flag, Hidden, number, revealed, text, type Value } from "./stateValues";

export interface JobState extends ServiceState<PlannedJobArgs> {
  /** Arguments that a compose file has no field for. */
  readonly lost: readonly string[];
}

/** @param inputs of the command that runs it; undefined if it is another command */
export function jobOf(inputs: Record<string, Value>): JobState | undefined {
  const { create, stdin } = inputs;
  const told = text(stdin);
  if (text(create) !== "swarm-job" || told === undefined) return undefined;
  // One secret in it makes all of it one: which it was is not known.
  const job = fields(revealed(JSON.parse(told), stdin instanceof Hidden));
  const run = fields(job.run);
  const { args, ...state } = serviceOf(fields(job.service));
  const { mode: _, replicas: __, restartPolicy: ___, ...tasks } = args;
  const completions = number(run.completions);
  const concurrency = number(run.concurrency) ?? completions;
  const ulimits = Object.entries(fields(job.ulimits)).map(([name, one]) => {
    const { soft, hard } = fields(one);
    return [name, { soft: number(soft) ?? -1, hard: number(hard) ?? -1 }] as const;
  });
  return {
    ...state,
    args: withoutUndefined({
      ...tasks,
      everyNode: flag(run.everyNode) || undefined,
      completions: completions === 1 ? undefined : completions,
      retries: number(job.retries) || undefined,
      ulimits: ulimits.length > 0 ? Object.fromEntries(ulimits) : undefined,
    }),
    lost: [
      ...(concurrency === completions ? [] : ["concurrency"]),
      ...(text(job.again) === undefined ? [] : ["runAgain"]),
    ],
  };
}
