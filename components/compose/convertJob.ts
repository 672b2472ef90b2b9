/** A service of a compose file that is a job (`deploy.mode` replicated-job or global-job) as the arguments of `SwarmJob`. */
import type { Conversion } from "./conversion";
import { convertTasks, replicas, restartPolicy } from "./convertService";
import type { PlannedJob, PlannedJobArgs } from "./plan";
import type { Service } from "./schema/service";

export function convertJob(conversion: Conversion, name: string, service: Service): PlannedJob {
  const path = ["services", name];
  const { deploy = {} } = service;
  const ignored = (where: readonly string[], why: string): void =>
    conversion.warn([...path, ...where], `is ignored: ${why}`);
  if ((service.ports ?? []).length > 0) ignored(["ports"], "a job publishes no ports");
  if (deploy.endpoint_mode !== undefined) ignored(["deploy", "endpoint_mode"], "a job publishes no ports");
  for (const field of ["update_config", "rollback_config"] as const)
    if (deploy[field] !== undefined)
      ignored(["deploy", field], "a job that changed runs again, all of its tasks");
  for (const field of ["delay", "window"] as const)
    if (deploy.restart_policy?.[field] !== undefined)
      ignored(["deploy", "restart_policy", field], "a task that failed is tried again after 5 seconds");
  return convertTasks<Omit<PlannedJobArgs, "image">>(conversion, name, service, {
    ...runs(conversion, path, service),
    retries: retries(conversion, path, service),
  });
}

/**
 * Replicas are both how many tasks end and how many run at once: `convertDeployMode` in docker/cli, cli/compose/convert/service.go, makes
 * them MaxConcurrent and TotalCompletions, which is 1 at the API if not given.
 */
function runs(
  conversion: Conversion,
  path: string[],
  service: Service,
): Pick<PlannedJobArgs, "everyNode" | "completions"> {
  const { deploy = {} } = service;
  const completions = replicas(conversion, path, service, deploy);
  if (completions === 0)
    throw conversion.wrong(
      [...path, ...(deploy.replicas === undefined ? ["scale"] : ["deploy", "replicas"])],
      "0 must be at least 1: as many tasks of the job have to end",
    );
  return { everyNode: deploy.mode === "global-job" || undefined, completions };
}

/** A task that ended well is never started again, so `any` is `on-failure`. Without a number Docker tries for ever: `up` would never say why. */
function retries(conversion: Conversion, path: string[], service: Service): number | undefined {
  const { deploy = {}, restart } = service;
  const policy = restartPolicy(service, deploy);
  if (policy?.condition === "none") return undefined;
  const attempts = policy?.maxAttempts || undefined;
  const given =
    deploy.restart_policy !== undefined
      ? ["deploy", "restart_policy"]
      : restart !== undefined
        ? ["restart"]
        : undefined;
  if (given && attempts === undefined)
    conversion.warn(
      [...path, ...given],
      "is ignored: a task of a job that failed is tried again as often as deploy.restart_policy.max_attempts says",
    );
  return attempts;
}
