/** Every argument of services and jobs, with what it may be. */
import { z } from "zod";
import type { ServiceArgs, SwarmJobArgs, TaskArgs } from "./args";
import { type ArgumentSchemas, atOnce, type Rule } from "./arguments";
import { count, duration, flag, mebibytes, oneOf, pairs, share, text, texts } from "./checks";
import * as schemas from "./schemas";

const taskArguments = {
  image: schemas.imageName,
  serviceName: schemas.swarmName.optional(),
  entrypoint: texts.optional(),
  command: texts.optional(),
  env: schemas.variables.optional(),
  envFiles: atOnce(z.array(text)).optional(),
  workingDir: schemas.folderPath.optional(),
  user: text.optional(),
  groups: texts.optional(),
  hostname: text.optional(),
  init: flag.optional(),
  readOnly: flag.optional(),
  stopSignal: text.optional(),
  stopGracePeriod: duration.optional(),
  capAdd: texts.optional(),
  capDrop: texts.optional(),
  sysctls: pairs.optional(),
  dns: schemas.addresses.optional(),
  dnsSearch: texts.optional(),
  dnsOptions: texts.optional(),
  extraHosts: schemas.extraHosts.optional(),
  labels: pairs.optional(),
  containerLabels: pairs.optional(),
  networks: schemas.networks.optional(),
  mounts: schemas.mounts.optional(),
  secrets: schemas.secrets.optional(),
  configs: schemas.configs.optional(),
  cpuLimit: share.optional(),
  memoryLimit: mebibytes.optional(),
  cpuReservation: share.optional(),
  memoryReservation: mebibytes.optional(),
  constraints: schemas.constraints.optional(),
  spreadOver: schemas.spreadOver.optional(),
  maxReplicasPerNode: count.optional(),
  healthCheck: schemas.healthCheck.optional(),
  logging: schemas.logging.optional(),
  registry: schemas.registry.optional(),
  ulimits: schemas.ulimits.optional(),
  tty: flag.optional(),
  stdinOpen: flag.optional(),
  pidsLimit: schemas.atLeastOne.optional(),
  seccomp: schemas.seccomp.optional(),
  apparmor: oneOf("default", "disabled").optional(),
  noNewPrivileges: flag.optional(),
} satisfies ArgumentSchemas<TaskArgs>;

export const serviceArguments = {
  ...taskArguments,
  mode: schemas.kindOfMode.optional(),
  replicas: count.optional(),
  ports: schemas.ports.optional(),
  endpointMode: oneOf("vip", "dnsrr").optional(),
  restartPolicy: schemas.restartPolicy.optional(),
  updateConfig: schemas.updateConfig.optional(),
  rollbackConfig: schemas.rollbackConfig.optional(),
  convergeTimeout: duration.optional(),
} satisfies ArgumentSchemas<ServiceArgs>;

export const jobArguments = {
  ...taskArguments,
  everyNode: flag.optional(),
  completions: schemas.atLeastOne.optional(),
  concurrency: schemas.atLeastOne.optional(),
  retries: count.optional(),
  runAgain: text.optional(),
  timeout: duration.optional(),
} satisfies ArgumentSchemas<SwarmJobArgs>;

export const jobRules: readonly Rule[] = ["completions", "concurrency"].map(
  (name): Rule =>
    (known) =>
      known.everyNode === true && known[name] !== undefined
        ? [name, "is not allowed with everyNode"]
        : undefined,
);

export const serviceRules: readonly Rule[] = [
  ({ mode, replicas }) =>
    mode === "global" && replicas !== undefined
      ? ["replicas", "is not allowed with the mode global"]
      : undefined,
  ({ endpointMode, ports }) =>
    endpointMode === "dnsrr" && schemas.ports.safeParse(ports).data?.some(({ mode }) => mode !== "host")
      ? [
          "ports",
          'are published in the mode ingress, which endpointMode "dnsrr" cannot: give them the mode host',
        ]
      : undefined,
];
