/** A service in a compose file. */
import { z } from "zod";
import { oneOf } from "../../service/checks";
import { record } from "../../service/record";
import * as schemas from "../../service/schemas";
import { ignoredFields } from "../ignored";
import { deploy } from "./deploy";
import { files, mounts, tmpfs } from "./mounts";
import { ports } from "./ports";
import {
  anything,
  bytes,
  command,
  duration,
  fields,
  flag,
  hosts,
  labels,
  named,
  number,
  pairs,
  pids,
  text,
  textOrTexts,
  texts,
  whole,
} from "./values";

const envFiles = z.preprocess(
  (value) => (Array.isArray(value) ? value : [value]),
  z.array(
    z.preprocess(
      (value) => (typeof value === "string" ? { path: value } : value),
      fields({ path: text, required: flag.optional(), format: oneOf("raw", "env").optional() }),
    ),
  ),
);

const serviceNetworks = named(
  fields({
    aliases: texts.optional(),
    driver_opts: anything.optional(),
    gw_priority: anything.optional(),
    interface_name: anything.optional(),
    ipv4_address: anything.optional(),
    ipv6_address: anything.optional(),
    link_local_ips: anything.optional(),
    mac_address: anything.optional(),
    priority: anything.optional(),
  }),
);

const dependsOn = named(
  fields({
    condition: oneOf("service_started", "service_healthy", "service_completed_successfully").optional(),
    restart: flag.optional(),
    required: flag.optional(),
  }),
);

const healthCheck = fields({
  test: z
    .union([z.string().transform((line) => ["CMD-SHELL", line]), texts], "must be a text or a list of texts")
    .optional(),
  interval: duration.optional(),
  timeout: duration.optional(),
  start_period: duration.optional(),
  start_interval: duration.optional(),
  retries: whole.optional(),
  disable: flag.optional(),
});

/** `nofile: 1024`, or with a soft and a hard limit. */
const ulimits = record(
  z.string(),
  z.preprocess(
    (value) =>
      typeof value === "number" || typeof value === "string" ? { soft: value, hard: value } : value,
    fields({ soft: number, hard: number }),
  ),
).pipe(schemas.ulimits);

const ignored = Object.fromEntries(Object.keys(ignoredFields).map((key) => [key, anything.optional()]));

const known = {
  image: text.optional(),
  command: command.optional(),
  entrypoint: command.optional(),
  environment: pairs.optional(),
  env_file: envFiles.optional(),
  working_dir: text.optional(),
  user: text.optional(),
  group_add: texts.optional(),
  hostname: text.optional(),
  init: flag.optional(),
  read_only: flag.optional(),
  stop_signal: text.optional(),
  stop_grace_period: duration.optional(),
  cap_add: texts.optional(),
  cap_drop: texts.optional(),
  sysctls: labels.optional(),
  dns: textOrTexts.optional(),
  dns_search: textOrTexts.optional(),
  dns_opt: texts.optional(),
  extra_hosts: hosts.optional(),
  labels: labels.optional(),
  label_file: textOrTexts.optional(),
  networks: serviceNetworks.optional(),
  ports: ports.optional(),
  volumes: mounts.optional(),
  tmpfs: tmpfs.optional(),
  secrets: files.optional(),
  configs: files.optional(),
  depends_on: dependsOn.optional(),
  deploy: deploy.optional(),
  scale: whole.optional(),
  ulimits: ulimits.optional(),
  tty: flag.optional(),
  stdin_open: flag.optional(),
  pids_limit: pids.optional(),
  security_opt: texts.optional(),
  cpus: number.optional(),
  mem_limit: bytes.optional(),
  mem_reservation: bytes.optional(),
  restart: text
    .pipe(
      z
        .string()
        .regex(
          /^(no|false|always|unless-stopped|on-failure(:\d+)?)$/,
          'must be "no", always, unless-stopped, on-failure or on-failure:3',
        ),
    )
    .optional(),
  healthcheck: healthCheck.optional(),
  logging: fields({ driver: text.optional(), options: labels.optional() }).optional(),
  profiles: texts.optional(),
};

export const service = fields({ ...ignored, ...known }) as unknown as z.ZodType<
  z.infer<ReturnType<typeof fields<typeof known>>>
>;
export type Service = z.infer<typeof service>;
