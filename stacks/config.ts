import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { GetStartedStackArgs } from "../index";

/** Values of Pulumi.<stack>.yaml are strings to the program, whatever they look like in the file. */
const whole = (unit: string, least: number, most: number) =>
  z
    .string()
    .regex(/^-?\d+$/, `must be a whole number (${unit})`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be ${least} to ${most} (${unit})`);

const port = whole("a TCP port", 1, 65535);

const image = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._\-/:]*(@sha256:[0-9a-f]{64})?$/,
    "must be an image reference such as redis:7 or registry.example/web@sha256:…",
  );

/** Configuration of the get-started program: what each key means, its default and what is allowed. */
export const settings = z.strictObject({
  /** Start of the machines' host names. */
  clusterName: z
    .string()
    .regex(
      /^[a-z]([a-z0-9-]{0,24}[a-z0-9])?$/,
      "must be 1 to 26 lower-case letters, digits and hyphens, beginning with a letter and not ending with a hyphen",
    )
    .default("myvm"),
  driver: z.enum(["qemu", "virtualbox"], 'must be "qemu" or "virtualbox"').default("qemu"),
  nodeCount: whole("nodes, the first is the manager", 1, 50).default(2),
  managers: z
    .enum(["1", "3", "5", "7"], "must be 1, 3, 5 or 7 (nodes that manage the swarm)")
    .transform(Number)
    .default(1),
  cpus: whole("virtual CPUs of each node", 1, 64).default(1),
  memory: whole("MiB of each node", 512, 1_048_576).default(1024),
  disk: whole("GiB of each node", 4, 65_536).default(10),
  replicas: whole("tasks of the web service", 0, 1000).default(5),
  webPort: port.default(4000),
  visualizerPort: port.default(8080),
  redisPort: port.default(6379),
  /** Set it with `config set --secret`. Default: a random one. */
  redisPassword: z
    .string()
    .regex(/^[^\r\n\0]+$/, "must be a text without line breaks")
    .optional(),
  webImage: image.optional(),
  visualizerImage: image.optional(),
  redisImage: image.optional(),
  subnet: z.cidrv4("must be an IPv4 network such as 192.168.56.0/24").default("192.168.56.0/24"),
  /** Debian suite of the node image. Default trixie. */
  suite: z
    .string()
    .regex(/^[a-z]+$/, "must be the name of a Debian suite such as trixie")
    .optional(),
  /** Of an image that `vmcluster image pull` got, to be cloned instead. */
  image: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "must be the name of a pulled image (vmcluster image ls)")
    .optional(),
});

/**
 * Reads and checks the keys of one namespace. Throws a `pulumi.RunError` with one line for each key that is wrong, before anything is made.
 *
 * @param all configuration as `pulumi.runtime.allConfig()` gives it: `namespace:key` to value
 */
export function readSettings(namespace: string, all: Readonly<Record<string, string>>): GetStartedStackArgs {
  const own = Object.entries(all)
    // The services read it themselves: `vmcluster scale` writes it.
    .filter(([key]) => key.startsWith(`${namespace}:`) && key !== "vmcluster:scale")
    .map(([key, value]) => [key.slice(namespace.length + 1), value]);
  const result = settings.safeParse(Object.fromEntries(own));
  if (!result.success) {
    throw new pulumi.RunError(result.error.issues.map((issue) => explain(namespace, issue, all)).join("\n"));
  }
  const { webPort, visualizerPort, redisPort } = result.data;
  if (new Set([webPort, visualizerPort, redisPort]).size < 3) {
    throw new pulumi.RunError(
      `${namespace}:webPort, ${namespace}:visualizerPort and ${namespace}:redisPort must differ: they are ${webPort}, ${visualizerPort} and ${redisPort}`,
    );
  }
  if (result.data.image !== undefined && result.data.suite !== undefined)
    throw new pulumi.RunError(
      `${namespace}:suite and ${namespace}:image cannot both be set: an image has its own`,
    );
  const { redisPassword, ...data } = result.data;
  return redisPassword === undefined ? data : { ...data, redisPassword: pulumi.secret(redisPassword) };
}

function explain(namespace: string, issue: z.core.$ZodIssue, all: Readonly<Record<string, string>>): string {
  if (issue.code === "unrecognized_keys") {
    const unknown = issue.keys.map((key) => `${namespace}:${key}`).join(", ");
    return `${unknown}: no such setting; there are ${Object.keys(settings.shape).join(", ")}`;
  }
  const key = `${namespace}:${issue.path.join(".")}`;
  const value = key === `${namespace}:redisPassword` ? "its value" : `"${all[key]}"`;
  return `${key}: ${value} is not allowed: it ${issue.message}`;
}
