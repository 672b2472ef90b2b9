/** What each part of a service may hold; see `args.ts` for what it means. */
import { z } from "zod";
import { count, duration, flag, oneOf, pairs, port, ratio, text, texts } from "./checks";
import { record } from "./record";

export const mode = z
  .strictObject({ mode: oneOf("replicated", "global"), replicas: count.optional() })
  .refine(({ mode, replicas }) => mode === "replicated" || replicas === undefined, {
    path: ["replicas"],
    message: "is not allowed with the mode global",
  });

export const networks = z.array(z.strictObject({ networkId: text, aliases: texts.optional() }));

export const ports = z.array(
  z.strictObject({
    target: port,
    published: port.optional(),
    protocol: oneOf("tcp", "udp", "sctp").optional(),
    mode: oneOf("ingress", "host").optional(),
  }),
);

const permissions = count.max(0o777, "must be permissions, at most 0o777");

const mount = { target: z.string().startsWith("/", "must be an absolute path"), readOnly: flag.optional() };

export const mounts = z.array(
  z.discriminatedUnion(
    "type",
    [
      z.strictObject({
        ...mount,
        type: z.literal("bind"),
        source: z
          .string("must be a path on the node")
          .startsWith("/", "must be an absolute path on the node"),
        propagation: oneOf("private", "rprivate", "shared", "rshared", "slave", "rslave").optional(),
      }),
      z.strictObject({
        ...mount,
        type: z.literal("volume"),
        source: text.optional(),
        noCopy: flag.optional(),
        driver: text.optional(),
        driverOptions: pairs.optional(),
        labels: pairs.optional(),
      }),
      z.strictObject({
        ...mount,
        type: z.literal("tmpfs"),
        size: z.number().positive("must be positive (MiB)").optional(),
        // The Docker plugin loses the bits above these.
        permissions: permissions.optional(),
      }),
    ],
    "must have the type bind, volume or tmpfs",
  ),
);
export type Mount = z.infer<typeof mounts>[number];

export const files = z.array(
  z.strictObject({
    id: text,
    name: text,
    target: text,
    uid: z.string().regex(/^\d+$/, "must be a number, as text").optional(),
    gid: z.string().regex(/^\d+$/, "must be a number, as text").optional(),
    permissions: permissions.optional(),
  }),
);
export type File = z.infer<typeof files>[number];

export const restartPolicy = z.strictObject({
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
export const updateConfig = z.strictObject({
  ...rollout,
  failureAction: oneOf("pause", "continue", "rollback").optional(),
});
export const rollbackConfig = z.strictObject({
  ...rollout,
  failureAction: oneOf("pause", "continue").optional(),
});
export type Rollout = z.infer<typeof updateConfig>;

export const healthCheck = z.strictObject({
  test: texts.refine(
    ([kind, ...rest]) =>
      kind === "NONE" ? rest.length === 0 : (kind === "CMD" || kind === "CMD-SHELL") && rest.length > 0,
    'must be ["CMD", program, …], ["CMD-SHELL", line] or ["NONE"]',
  ),
  interval: duration.optional(),
  timeout: duration.optional(),
  startPeriod: duration.optional(),
  startInterval: duration.optional(),
  retries: count.optional(),
});

export const logging = z.strictObject({ driver: text, options: pairs.optional() });

export const registry = z.strictObject({
  server: text,
  username: z.string().optional(),
  password: z.string().optional(),
});

const atLeastOne = count.min(1, "must be at least 1");

export const run = z
  .strictObject({
    everyNode: flag.optional(),
    completions: atLeastOne.optional(),
    concurrency: atLeastOne.optional(),
  })
  .superRefine(({ everyNode, ...numbers }, context) => {
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
  z
    .strictObject({ soft: most, hard: most })
    .refine(
      ({ soft, hard }) => hard === -1 || (soft !== -1 && soft <= hard),
      "has a soft limit above the hard one",
    ),
).superRefine((all, context) => {
  const unknown = Object.keys(all).find((name) => !limited.includes(name));
  if (unknown !== undefined)
    context.addIssue({ code: "custom", message: `"${unknown}" is none of ${limited.join(", ")}` });
});
