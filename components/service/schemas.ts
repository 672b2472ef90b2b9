/** What each part of a service may hold; see `args.ts` for what it means. */
import { z } from "zod";
import { count, duration, flag, oneOf, pairs, port, ratio, text, texts } from "./checks";

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
  retries: count.optional(),
});

export const logging = z.strictObject({ driver: text, options: pairs.optional() });

export const registry = z.strictObject({
  server: text,
  username: z.string().optional(),
  password: z.string().optional(),
});
