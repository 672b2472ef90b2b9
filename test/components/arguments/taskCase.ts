import type { SwarmConfig, SwarmSecret, TaskArgs } from "../../../index";
import { cases } from "../service/cases";

/** All that tasks can be told, at once: `cases` of services without what is of services alone. */
export function taskCase(around: {
  readonly networkId: SwarmSecret["secretId"];
  readonly secret: SwarmSecret;
  readonly config: SwarmConfig;
}): Omit<TaskArgs, "image"> {
  const all = cases({
    networkId: around.networkId,
    secret: ({ target = "password", ...more }: { target?: string } = {}) => around.secret.file(target, more),
    config: () => around.config.file("/etc/site"),
  });
  const {
    mode,
    replicas,
    ports,
    endpointMode,
    restartPolicy,
    updateConfig,
    rollbackConfig,
    convergeTimeout,
    ...tasks
  } = Object.assign({}, ...Object.values(all));
  return tasks;
}
