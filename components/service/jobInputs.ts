import type { SwarmJobArgs } from "./args";
import { jobArguments, jobRules } from "./argumentSchemas";
import { checkArguments } from "./arguments";
import { type Checker, count, duration, pairs, text } from "./checks";
import { labelList } from "./containerSpec";
import * as schemas from "./schemas";
import { loginInputs, taskInputs } from "./serviceInputs";
import { fieldsInputs, type TaskFields, taskFields } from "./taskFields";

/** What `machine swarm-job` is told of a job: its tasks as the Docker plugin would be told them, and what that does not know. */
export function jobInputs(name: string, args: SwarmJobArgs, check: Checker) {
  checkArguments(`job "${name}"`, args, jobArguments, jobRules);
  const { everyNode, completions, concurrency, retries } = args;
  const fields = fieldsInputs(args, check);
  return {
    service: {
      name: check.field("serviceName", schemas.swarmName, args.serviceName ?? name),
      labels: check.optional("labels", pairs, args.labels, labelList),
      auth: loginInputs(args, check),
      taskSpec: taskInputs(args, { condition: "none" }, check),
    },
    run: check.field("", schemas.run, { everyNode, completions, concurrency }),
    retries: check.field("retries", count, retries ?? 0),
    ...Object.fromEntries(
      Object.keys(taskFields.shape).map((name) => [
        name,
        fields?.apply((known) => known[name as keyof TaskFields]),
      ]),
    ),
    again: check.optional("runAgain", text, args.runAgain),
    timeout: check.field("timeout", duration, args.timeout ?? "15m"),
  };
}
