/** The part `deploy` of a service. */
import { z } from "zod";
import { oneOf } from "../../service/checks";
import { anything, bytes, duration, fields, labels, number, pids, text, texts, whole } from "./values";

const rollout = {
  parallelism: whole.optional(),
  delay: duration.optional(),
  monitor: duration.optional(),
  max_failure_ratio: number.optional(),
  order: oneOf("stop-first", "start-first").optional(),
};

export const deploy = fields({
  mode: oneOf("replicated", "global", "replicated-job", "global-job").optional(),
  endpoint_mode: oneOf("vip", "dnsrr").optional(),
  replicas: whole.optional(),
  labels: labels.optional(),
  update_config: fields({
    ...rollout,
    failure_action: oneOf("pause", "continue", "rollback").optional(),
  }).optional(),
  rollback_config: fields({ ...rollout, failure_action: oneOf("pause", "continue").optional() }).optional(),
  resources: fields({
    limits: fields({
      cpus: number.optional(),
      memory: bytes.optional(),
      pids: pids.optional(),
    }).optional(),
    reservations: fields({
      cpus: number.optional(),
      memory: bytes.optional(),
      generic_resources: anything.optional(),
      devices: anything.optional(),
    }).optional(),
  }).optional(),
  restart_policy: fields({
    condition: oneOf("none", "on-failure", "any").optional(),
    delay: duration.optional(),
    max_attempts: whole.optional(),
    window: duration.optional(),
  }).optional(),
  placement: fields({
    constraints: texts.optional(),
    preferences: z.array(fields({ spread: text })).optional(),
    max_replicas_per_node: whole.optional(),
  }).optional(),
});
export type Deploy = z.infer<typeof deploy>;
