/** What each part of a service may hold; see `args.ts` for what it means. */
import { isIP, isIPv4 } from "node:net";
import { posix } from "node:path";
import { z } from "zod";
import { parseDuration } from "../../host/duration";
import { count, duration, flag, oneOf, pairs, port, ratio, strict, text, texts } from "./checks";
import { record } from "./record";

/** The first one of a list that is the same as one before it, in what counts of it; `undefined` counts for nothing. */
function twice<T>(all: readonly T[], key: (one: T) => string | undefined): number {
  const keys = all.map(key);
  return keys.findIndex((one, index) => one !== undefined && keys.indexOf(one) !== index);
}

/** Each of a list must differ from the others in what counts of it. */
const differing =
  <T>(key: (one: T) => string | undefined, field: string, message: (one: T) => string) =>
  (all: readonly T[], context: z.RefinementCtx): void => {
    const index = twice(all, key);
    if (index >= 0)
      context.addIssue({ code: "custom", path: [index, field], message: message(all[index] as T) });
  };

/** As the swarm wants them (swarmkit, manager/controlapi/common.go). */
export const swarmName = z
  .string()
  .regex(
    /^[a-zA-Z0-9](?:[-_]*[A-Za-z0-9]+)*$/,
    "must be letters, digits, hyphens and underscores, a letter or digit first and last",
  )
  .max(63, "must be 63 characters at most");

/** The distribution project's grammar of references, as far as people get it wrong. */
export const imageName = text.refine((name) => {
  const [tagged = "", digest, ...more] = name.split("@");
  const slash = tagged.indexOf("/");
  const first = slash < 0 ? "" : tagged.slice(0, slash);
  const isHost = /[.:]/.test(first) || first === "localhost" || /[A-Z]/.test(first);
  const [path = "", tag, ...colons] = (isHost ? tagged.slice(slash + 1) : tagged).split(":");
  const part = /^[a-z0-9]+((\.|_{1,2}|-+)[a-z0-9]+)*$/;
  return (
    (!isHost || /^([a-zA-Z0-9][a-zA-Z0-9.-]*|\[[0-9a-fA-F:]+\])(:\d+)?$/.test(first)) &&
    path.split("/").every((one) => part.test(one)) &&
    (tag === undefined || /^\w[\w.-]{0,127}$/.test(tag)) &&
    (digest === undefined || /^[A-Za-z][A-Za-z0-9+._-]*:[0-9a-fA-F]{32,}$/.test(digest)) &&
    more.length === 0 &&
    colons.length === 0
  );
}, "must be an image's name, such as redis:7 or registry.example.com/you/app@sha256:…, in lower case but for the tag");

export const variables = record(
  z.string().regex(/^[^=\0]+$/, "the name of a variable must not be empty or contain ="),
  z.string().refine((value) => !value.includes("\0"), "must not contain a zero byte"),
);

export const addresses = z.array(z.string().refine((value) => isIP(value) !== 0, "must be an IP address"));

export const extraHosts = record(
  z.string().regex(/^[^\s#:]+$/, "a host's name must not be empty or contain blanks"),
  z.string().refine((value) => isIP(value) !== 0 || value === "host-gateway", "must be an IP address"),
);

/** What the swarm knows of nodes (swarmkit, manager/constraint/constraint.go); it passes over others, and so over the constraint. */
const nodeFields = [
  "node.id",
  "node.hostname",
  "node.ip",
  "node.role",
  "node.platform.os",
  "node.platform.arch",
];
const labelKinds = ["node.labels.", "engine.labels."];

const isLabel = (key: string): boolean =>
  labelKinds.some((kind) => key.toLowerCase().startsWith(kind) && key.length > kind.length);

function constraintError(expression: string): string | undefined {
  const operator = expression.includes("==") ? "==" : expression.includes("!=") ? "!=" : undefined;
  if (operator === undefined) return "must have one of the operators == and !=, such as node.role==manager";
  const [key = "", ...rest] = expression.split(operator);
  const [name, value] = [key.trim(), rest.join(operator).trim()];
  if (!nodeFields.includes(name.toLowerCase()) && !isLabel(name)) {
    return `asks for "${name}", which no node has: it must be ${nodeFields.join(", ")}, node.labels.NAME or engine.labels.NAME`;
  }
  if (!/^[a-z_][a-z0-9\-_.]+$/i.test(name))
    return `asks for "${name}": only letters, digits, hyphens, dots and underscores are allowed`;
  if (!/^[a-z0-9:\-_\s.*()?+[\]\\^$|/]+$/i.test(value))
    return value === ""
      ? `has no value after ${operator}`
      : `has the value "${value}", which the swarm does not take`;
  if (name.toLowerCase() === "node.role" && !/^(manager|worker)$/i.test(value))
    return "asks for another role than manager and worker";
  if (name.toLowerCase() === "node.ip" && !isAddress(value))
    return "must have an IP address or a network after it";
  return undefined;
}

const isAddress = (value: string): boolean => {
  const [address = "", prefix, ...more] = value.split("/");
  const most = isIPv4(address) ? 32 : 128;
  return (
    isIP(address) !== 0 &&
    more.length === 0 &&
    (prefix === undefined || (/^\d+$/.test(prefix) && Number(prefix) <= most))
  );
};

export const constraints = z.array(
  z.string().superRefine((expression, context) => {
    const message = constraintError(expression);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  }),
);

export const spreadOver = z.array(
  z
    .string()
    .refine(isLabel, "must be node.labels.NAME or engine.labels.NAME: the swarm passes over anything else"),
);

export const kindOfMode = oneOf("replicated", "global");

export const mode = strict({ mode: kindOfMode, replicas: count.optional() }).refine(
  ({ mode, replicas }) => mode === "replicated" || replicas === undefined,
  {
    path: ["replicas"],
    message: "is not allowed with the mode global",
  },
);

export const networks = z.array(strict({ networkId: text, aliases: texts.optional() }));

export const ports = z
  .array(
    strict({
      target: port,
      published: port.optional(),
      protocol: oneOf("tcp", "udp", "sctp").optional(),
      mode: oneOf("ingress", "host").optional(),
    }),
  )
  .superRefine(
    differing(
      ({ published, protocol = "tcp" }) => (published === undefined ? undefined : `${published}/${protocol}`),
      "published",
      ({ published, protocol = "tcp" }) => `${published}/${protocol} is published twice`,
    ),
  );

const permissions = count.max(0o777, "must be permissions, at most 0o777");

const mount = {
  target: z
    .string()
    .startsWith("/", "must be an absolute path")
    .refine((path) => posix.resolve("/", path) !== "/", "must not be the container's root"),
  readOnly: flag.optional(),
};

export const mounts = z
  .array(
    z.discriminatedUnion(
      "type",
      [
        strict({
          ...mount,
          type: z.literal("bind"),
          source: z
            .string("must be a path on the node")
            .startsWith("/", "must be an absolute path on the node"),
          propagation: oneOf("private", "rprivate", "shared", "rshared", "slave", "rslave").optional(),
        }),
        strict({
          ...mount,
          type: z.literal("volume"),
          source: text.optional(),
          noCopy: flag.optional(),
          driver: text.optional(),
          driverOptions: pairs.optional(),
          labels: pairs.optional(),
        }).refine(
          // What else keeps volumes has names of its own; a template ({{.Task.Slot}}) has one on the node.
          ({ source, driver = "local" }) =>
            source === undefined ||
            driver !== "local" ||
            source.includes("{{") ||
            /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(source),
          {
            path: ["source"],
            message:
              "the name of a volume must have two or more letters, digits, dots, hyphens and underscores, a letter or digit first",
          },
        ),
        strict({
          ...mount,
          type: z.literal("tmpfs"),
          size: z.number().positive("must be positive (MiB)").optional(),
          // The Docker plugin loses the bits above these.
          permissions: permissions.optional(),
        }),
      ],
      "must have the type bind, volume or tmpfs",
    ),
  )
  .superRefine(
    differing(
      ({ target }) => posix.resolve("/", target),
      "target",
      ({ target }) => `${target} is mounted twice`,
    ),
  );
export type Mount = z.infer<typeof mounts>[number];

const files = z.array(
  strict({
    id: text,
    name: text,
    target: text,
    uid: z.string().regex(/^\d+$/, "must be a number, as text").optional(),
    gid: z.string().regex(/^\d+$/, "must be a number, as text").optional(),
    permissions: permissions.optional(),
  }),
);
export type File = z.infer<typeof files>[number];

const filesIn = (folder: string) =>
  files.superRefine(
    differing(
      ({ target }) => posix.resolve(folder, target),
      "target",
      ({ target }) => `${target} is the file of two`,
    ),
  );
export const secrets = filesIn("/run/secrets");
export const configs = filesIn("/");

export const restartPolicy = strict({
  condition: oneOf("any", "on-failure", "none").optional(),
  delay: duration.optional(),
  maxAttempts: count.optional(),
  window: duration.optional(),
});

const rollout = {
  parallelism: count.optional(),
  delay: duration.optional(),
  monitor: duration.optional(),
  maxFailureRatio: ratio.optional(),
  order: oneOf("stop-first", "start-first").optional(),
};
export const updateConfig = strict({
  ...rollout,
  failureAction: oneOf("pause", "continue", "rollback").optional(),
});
export const rollbackConfig = strict({
  ...rollout,
  failureAction: oneOf("pause", "continue").optional(),
});
export type Rollout = z.infer<typeof updateConfig>;

/** The swarm takes no shorter ones, but for its own default. */
const ofHealth = duration.refine((value) => {
  const nanoseconds = parseDuration(value) ?? 0;
  return nanoseconds === 0 || nanoseconds >= 1e6;
}, 'must be at least "1ms", or "0s" for the default');

export const healthCheck = strict({
  test: texts.refine(
    ([kind, ...rest]) =>
      kind === "NONE" ? rest.length === 0 : (kind === "CMD" || kind === "CMD-SHELL") && rest.length > 0,
    'must be ["CMD", program, …], ["CMD-SHELL", line] or ["NONE"]',
  ),
  interval: ofHealth.optional(),
  timeout: ofHealth.optional(),
  startPeriod: ofHealth.optional(),
  startInterval: ofHealth.optional(),
  retries: count.optional(),
});

export const logging = strict({ driver: text, options: pairs.optional() });

export const registry = strict({
  server: text,
  username: z.string().optional(),
  password: z.string().optional(),
});

export const atLeastOne = count.min(1, "must be at least 1");

export const run = strict({
  everyNode: flag.optional(),
  completions: atLeastOne.optional(),
  concurrency: atLeastOne.optional(),
}).superRefine(({ everyNode, ...numbers }, context) => {
  const given = Object.entries(numbers).find(([, value]) => value !== undefined);
  if (everyNode && given)
    context.addIssue({ code: "custom", path: [given[0]], message: "is not allowed with everyNode" });
});

const most = z.int("must be a whole number").min(-1, "must be -1 (no limit) or more");

/** Names as setrlimit(2) has them, without RLIMIT_ and in lower case. */
const limited = [
  ...["core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss"],
  ...["rtprio", "rttime", "sigpending", "stack"],
];

export const ulimits = record(
  z.string(),
  strict({ soft: most, hard: most }).refine(
    ({ soft, hard }) => hard === -1 || (soft !== -1 && soft <= hard),
    "has a soft limit above the hard one",
  ),
).superRefine((all, context) => {
  const unknown = Object.keys(all).find((name) => !limited.includes(name));
  if (unknown !== undefined)
    context.addIssue({
      code: "custom",
      message: `is none of ${limited.join(", ")}`,
      path: [unknown],
      input: all,
    });
});

export const seccomp = z
  .string()
  .refine(
    (value) => value === "default" || value === "unconfined" || isObject(value),
    'must be "default", "unconfined" or the JSON of a profile',
  );

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

export const folderPath = z.string().regex(/^\/[^\n]*$/, "must be an absolute path");
