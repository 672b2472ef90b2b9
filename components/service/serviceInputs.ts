import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { fieldsLabel } from "../../host/fieldsLabel";
import type { ServiceArgs, TaskArgs } from "./args";
import { serviceArguments, serviceRules } from "./argumentSchemas";
import { checkArguments } from "./arguments";
import { Checker, count, duration, mebibytes, oneOf, pairs, share } from "./checks";
import { containerSpec, labelList } from "./containerSpec";
import { rolloutConfig } from "./rollout";
import { scaled } from "./scale";
import * as schemas from "./schemas";
import { fieldsInputs, fieldsMark, type TaskFields } from "./taskFields";

export interface ServiceInputs {
  readonly inputs: docker.ServiceArgs;
  /** What the plugin cannot be told. */
  readonly fields: pulumi.Output<TaskFields> | undefined;
  /** How long to wait until its tasks run. */
  readonly timeout: pulumi.Output<string>;
}

/**
 * What the Docker plugin is told of a service: whatever the swarm would fill in by itself and then report as a difference is given.
 *
 * @param name what the service is called if it is given no name
 */
export function serviceInputs(name: string, args: ServiceArgs): ServiceInputs {
  checkArguments(`service "${name}"`, args, serviceArguments, serviceRules);
  const check = new Checker(`service "${name}"`);
  const optional = check.optional.bind(check);
  const serviceName = check.field("serviceName", schemas.swarmName, args.serviceName ?? name);
  const mode = scaled(
    `service "${name}"`,
    serviceName,
    check.field("", schemas.mode, { mode: args.mode ?? "replicated", replicas: args.replicas }),
  );
  const timeout = check.field("convergeTimeout", duration, args.convergeTimeout ?? "15m");
  const fields = fieldsInputs(args, check);
  const inputs = {
    name: serviceName,
    labels: fields
      ? pulumi
          .all([check.field("labels", pairs, args.labels ?? {}), fields])
          .apply(([labels, known]) => labelList({ ...labels, [fieldsLabel]: fieldsMark(known) }))
      : optional("labels", pairs, args.labels, labelList),
    auth: loginInputs(args, check),
    taskSpec: taskInputs(args, args.restartPolicy, check),
    mode: mode.apply(({ mode: kind, replicas }) =>
      kind === "global" ? { global: true } : { replicated: { replicas: replicas ?? 1 } },
    ),
    updateConfig: optional("updateConfig", schemas.updateConfig, args.updateConfig, rolloutConfig),
    rollbackConfig: optional("rollbackConfig", schemas.rollbackConfig, args.rollbackConfig, rolloutConfig),
    // Given also when nothing is published: the plugin crashes at a refresh without one.
    endpointSpec: {
      mode: check.field("endpointMode", oneOf("vip", "dnsrr"), args.endpointMode ?? "vip"),
      ports: optional("ports", schemas.ports, args.ports, (all) =>
        all.map(({ target, published, protocol, mode: at }) => ({
          targetPort: target,
          ...(published === undefined ? {} : { publishedPort: published }),
          protocol: protocol ?? "tcp",
          publishMode: at ?? "ingress",
        })),
      ),
    },
    // The plugin refuses it of a global service. Tasks that lack their fields may never run.
    convergeConfig: fields
      ? undefined
      : pulumi
          .all([mode, timeout])
          .apply(([{ mode: kind }, most]) =>
            kind === "global"
              ? (undefined as unknown as docker.types.input.ServiceConvergeConfig)
              : { delay: "2s", timeout: most },
          ),
  };
  return { inputs, fields, timeout };
}

/** Who may pull the image. */
export function loginInputs(
  { registry }: TaskArgs,
  check: Checker,
): pulumi.Output<docker.types.input.ServiceAuth | undefined> | undefined {
  return check.optional("registry", schemas.registry, registry, ({ server, username, password }) => ({
    serverAddress: server,
    username,
    password,
  }));
}

/** What each task of a service or a job is. */
export function taskInputs(
  args: TaskArgs,
  restartPolicy: ServiceArgs["restartPolicy"],
  check: Checker,
): docker.types.input.ServiceTaskSpec {
  return {
    containerSpec: containerSpec(args, check),
    networksAdvanceds: check.optional("networks", schemas.networks, args.networks, (all) =>
      all.map(({ networkId, aliases }) => ({ id: networkId, ...(aliases ? { aliases } : {}) })),
    ),
    resources: resources(args, check),
    // With all of these: what the swarm fills in by itself would be a difference at every `up`.
    restartPolicy: check
      .field("restartPolicy", schemas.restartPolicy, restartPolicy ?? {})
      .apply(({ condition, delay, maxAttempts, window }) => ({
        condition: condition ?? "any",
        delay: delay ?? "5s",
        maxAttempts: maxAttempts ?? 0,
        window: window ?? "0s",
      })),
    placement: placement(args, check),
    logDriver: check.optional("logging", schemas.logging, args.logging, ({ driver, options }) => ({
      name: driver,
      options: options ?? {},
    })),
  };
}

function resources(args: TaskArgs, check: Checker): docker.types.input.ServiceTaskSpecResources | undefined {
  const { cpuLimit, memoryLimit, cpuReservation, memoryReservation } = args;
  const amount = (cpuField: string, cpu: typeof cpuLimit, memoryField: string, memory: typeof memoryLimit) =>
    cpu === undefined && memory === undefined
      ? undefined
      : {
          nanoCpus: check.optional(cpuField, share, cpu, (cpus) => Math.round(cpus * 1e9)),
          memoryBytes: check.optional(memoryField, mebibytes, memory, (amount) =>
            Math.round(amount * 2 ** 20),
          ),
        };
  const limits = amount("cpuLimit", cpuLimit, "memoryLimit", memoryLimit);
  const reservation = amount("cpuReservation", cpuReservation, "memoryReservation", memoryReservation);
  return limits || reservation ? { limits, reservation } : undefined;
}

function placement(args: TaskArgs, check: Checker): docker.types.input.ServiceTaskSpecPlacement | undefined {
  const { constraints, spreadOver, maxReplicasPerNode } = args;
  if ([constraints, spreadOver, maxReplicasPerNode].every((part) => part === undefined)) return undefined;
  return {
    constraints: check.optional("constraints", schemas.constraints, constraints),
    prefs: check.optional("spreadOver", schemas.spreadOver, spreadOver),
    maxReplicas: check.optional("maxReplicasPerNode", count, maxReplicasPerNode),
  };
}
