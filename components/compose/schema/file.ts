/** A compose file as a whole. */
import { z } from "zod";
import { record } from "../../service/record";
import { recordOf } from "../recordOf";
import { service } from "./service";
import { anything, fields, flag, labels, text } from "./values";

/** `external: true`, or `external: { name: … }` of older files. */
const external = z.union([flag, fields({ name: text.optional() })], "must be true or false");

const network = fields({
  name: text.optional(),
  driver: text.optional(),
  driver_opts: labels.optional(),
  attachable: flag.optional(),
  internal: flag.optional(),
  enable_ipv4: anything.optional(),
  enable_ipv6: flag.optional(),
  external: external.optional(),
  labels: labels.optional(),
  ipam: fields({
    driver: text.optional(),
    options: labels.optional(),
    config: z
      .array(
        fields({
          subnet: text.optional(),
          gateway: text.optional(),
          ip_range: text.optional(),
          aux_addresses: anything.optional(),
        }),
      )
      .optional(),
  }).optional(),
});

const volume = fields({
  name: text.optional(),
  driver: text.optional(),
  driver_opts: labels.optional(),
  external: external.optional(),
  labels: labels.optional(),
  spec: anything.optional(),
});

const data = {
  name: text.optional(),
  file: text.optional(),
  environment: text.optional(),
  external: external.optional(),
  labels: labels.optional(),
  template_driver: anything.optional(),
};

/** A name without settings (`volumes: { data: }`) has none. */
const section = <T extends z.ZodType>(one: T) =>
  z.preprocess(
    (all) =>
      typeof all === "object" && all !== null && !Array.isArray(all)
        ? Object.fromEntries(Object.entries(all).map(([name, settings]) => [name, settings ?? {}]))
        : all,
    record(
      z.string().regex(/^[a-zA-Z0-9._-]+$/, "a name is letters, digits, dots, hyphens and underscores"),
      one,
    ).transform((all) => recordOf(Object.entries(all))),
  );

export const file = fields({
  version: anything.optional(),
  name: text.optional(),
  services: section(service),
  networks: section(network).optional(),
  volumes: section(volume).optional(),
  secrets: section(fields({ ...data, driver: text.optional(), driver_opts: anything.optional() })).optional(),
  configs: section(fields({ ...data, content: text.optional() })).optional(),
  models: anything.optional(),
});
export type Model = z.infer<typeof file>;
export type Network = z.infer<typeof network>;
export type Data = z.infer<ReturnType<typeof fields<typeof data>>> & { content?: string; driver?: string };
