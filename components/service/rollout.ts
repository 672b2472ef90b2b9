import type { Rollout } from "./schemas";

/** As the Docker plugin has it. All of it is given: what the swarm fills in by itself would be a difference at every `up`. */
export function rolloutConfig(rollout: Rollout) {
  return {
    parallelism: rollout.parallelism ?? 1,
    delay: rollout.delay ?? "0s",
    failureAction: rollout.failureAction ?? "pause",
    monitor: rollout.monitor ?? "5s",
    maxFailureRatio: (rollout.maxFailureRatio ?? 0).toFixed(1),
    order: rollout.order ?? "stop-first",
  };
}
