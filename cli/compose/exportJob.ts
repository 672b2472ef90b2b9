/** A job in the state as the arguments it was made from, without what is the default. */
import { withoutUndefined } from "../../components/compose/conversion";
import type { PlannedJobArgs } from "../../components/compose/plan";
import { toldTo, withFieldsOf } from "./exportFields";
import { type ServiceState, serviceOf } from "./exportService";
import { fields, flag, number, text, type Value } from "./stateValues";

export interface JobState extends ServiceState<PlannedJobArgs> {
  /** Arguments that a compose file has no field for. */
  readonly lost: readonly string[];
}

/**
 * @param inputs of the command that runs it; undefined if it is another command
 * @param variables texts that the file's variables stand for, by name
 */
export function jobOf(inputs: Record<string, Value>, variables: Map<string, string>): JobState | undefined {
  const job = toldTo("swarm-job", inputs);
  if (job === undefined) return undefined;
  const run = fields(job.run);
  const { args, ...state } = serviceOf(fields(job.service), variables);
  const { mode: _, replicas: __, restartPolicy: ___, ...tasks } = args;
  const completions = number(run.completions);
  const concurrency = number(run.concurrency) ?? completions;
  return {
    ...state,
    args: withoutUndefined({
      ...withFieldsOf(tasks, job),
      everyNode: flag(run.everyNode) || undefined,
      completions: completions === 1 ? undefined : completions,
      retries: number(job.retries) || undefined,
    }),
    lost: [
      ...(concurrency === completions ? [] : ["concurrency"]),
      ...(text(job.again) === undefined ? [] : ["runAgain"]),
    ],
  };
}
