/** What a swarm as a whole can be told: https://docs.docker.com/reference/cli/docker/swarm/init/ and `…/update/`. */
import { z } from "zod";
import { formatDuration, parseDuration } from "../../host/duration";
import { addressAt, overlap, parseCidr } from "../addresses";

const hour = 3600e9;
/** Docker's own. */
const usual = { defaultAddressPools: ["10.0.0.0/8"], subnetSize: 24, dataPathPort: 4789 };

/** Docker would set bits beyond the prefix to 0, and the swarm be another one than was asked for. */
const network = z
  .cidrv4({ error: "must be an IPv4 network such as 10.20.0.0/16", abort: true })
  .refine((text) => text.startsWith(`${addressAt(parseCidr(text), 0)}/`), {
    error: ({ input }) => {
      const cidr = parseCidr(String(input));
      return `is an address in a network: ${addressAt(cidr, 0)}/${cidr.prefix}`;
    },
  });

/** Only what is given is set. The first three are the swarm's for good, the others are changed in place. */
export const swarmOptions = z
  .strictObject({
    defaultAddressPools: z.array(network).min(1, "must not be empty").optional(),
    subnetSize: z
      .int("must be a whole number")
      .min(8, "must be 8 to 29")
      .max(29, "must be 8 to 29")
      .optional(),
    dataPathPort: z
      .int("must be a whole number")
      .min(1024, "must be 1024 to 49151")
      .max(49151, "must be 1024 to 49151")
      .optional(),
    autolock: z.boolean().optional(),
    certificateExpiry: z
      .string()
      .refine(
        (text) => (parseDuration(text) ?? 0) >= hour,
        'must be a duration of "1h" or more, such as "2160h"',
      )
      .transform((text) => formatDuration(parseDuration(text) ?? 0))
      .optional(),
    taskHistoryLimit: z.int("must be a whole number").min(0, "must not be negative").optional(),
  })
  .superRefine(({ defaultAddressPools: pools = [], subnetSize = usual.subnetSize }, context) => {
    const small = pools.find((pool) => parseCidr(pool).prefix > subnetSize);
    if (small !== undefined)
      context.addIssue({
        code: "custom",
        path: ["defaultAddressPools"],
        message: `${small} has no room for a network of subnetSize ${subnetSize}`,
      });
    const twice = pools.find((pool, index) =>
      pools.slice(0, index).some((other) => overlap(parseCidr(pool), parseCidr(other))),
    );
    if (twice !== undefined)
      context.addIssue({
        code: "custom",
        path: ["defaultAddressPools"],
        message: `${twice} overlaps another one`,
      });
  });
export type SwarmOptions = z.infer<typeof swarmOptions>;

/** What a swarm was made with, as the Docker API tells it of the whole swarm (`GET /swarm`). */
export const swarmMaking = z.object({
  defaultAddressPools: z.array(z.string()),
  subnetSize: z.number(),
  dataPathPort: z.number(),
});
export type SwarmMaking = z.infer<typeof swarmMaking>;

/** What of a swarm's answer is used; docs/internals.md says what of it is printed. */
export const swarmAnswer = z.object({
  ID: z.string(),
  JoinTokens: z.object({ Worker: z.string(), Manager: z.string() }),
  DefaultAddrPool: z.array(z.string()).nullish(),
  SubnetSize: z.number().nullish(),
  DataPathPort: z.number().nullish(),
  Spec: z.object({
    Orchestration: z.object({ TaskHistoryRetentionLimit: z.number().nullish() }).nullish(),
    CAConfig: z.object({ NodeCertExpiry: z.number().nullish() }).nullish(),
    EncryptionConfig: z.object({ AutoLockManagers: z.boolean().nullish() }).nullish(),
  }),
});
export type SwarmAnswer = z.infer<typeof swarmAnswer>;

/** Absent and 0 are Docker's own values. */
export const makingOf = (answer: SwarmAnswer): SwarmMaking => ({
  defaultAddressPools: answer.DefaultAddrPool?.length ? answer.DefaultAddrPool : usual.defaultAddressPools,
  subnetSize: answer.SubnetSize || usual.subnetSize,
  dataPathPort: answer.DataPathPort || usual.dataPathPort,
});

/** Arguments of `docker swarm init` besides the addresses. */
export const initArguments = ({
  defaultAddressPools = [],
  subnetSize,
  dataPathPort,
}: SwarmOptions): string[] => [
  ...defaultAddressPools.map((pool) => `--default-addr-pool=${pool}`),
  ...(subnetSize === undefined ? [] : [`--default-addr-pool-mask-length=${subnetSize}`]),
  ...(dataPathPort === undefined ? [] : [`--data-path-port=${dataPathPort}`]),
];

/** Those that are changed in place, as they are. */
export type SetOptions = Required<Pick<SwarmOptions, "autolock" | "certificateExpiry" | "taskHistoryLimit">>;

/** Absent and 0 are what Docker leaves out of its answer. */
export const setOptionsOf = ({ Spec: is }: Pick<SwarmAnswer, "Spec">): SetOptions => ({
  autolock: is.EncryptionConfig?.AutoLockManagers ?? false,
  certificateExpiry: formatDuration(is.CAConfig?.NodeCertExpiry ?? 0),
  taskHistoryLimit: is.Orchestration?.TaskHistoryRetentionLimit ?? 0,
});

const flags = {
  autolock: "--autolock",
  certificateExpiry: "--cert-expiry",
  taskHistoryLimit: "--task-history-limit",
} as const;

/** Those that are given and still to be set. */
const unset = (options: SwarmOptions, is: SetOptions): (keyof SetOptions)[] =>
  (Object.keys(flags) as (keyof SetOptions)[]).filter(
    (name) => options[name] !== undefined && options[name] !== is[name],
  );

/** Arguments of `docker swarm update` that are still to be set; none if the swarm is as it should be. */
export const updateArguments = (options: SwarmOptions, answer: SwarmAnswer): string[] =>
  unset(options, setOptionsOf(answer)).map((name) => `${flags[name]}=${String(options[name])}`);

/** Each difference that `swarm-ensure` puts right: `taskHistoryLimit 9, wanted 2`. */
export const optionDifferences = (options: SwarmOptions, is: SetOptions): string[] =>
  unset(options, is).map((name) => `${name} ${String(is[name])}, wanted ${String(options[name])}`);

/** The first option that would be another swarm's: `dataPathPort: 5789, but the swarm was made with 4789`. */
export function otherMaking(options: SwarmOptions, made: SwarmMaking): string | undefined {
  for (const field of ["defaultAddressPools", "subnetSize", "dataPathPort"] as const) {
    const wanted = options[field];
    if (wanted !== undefined && String(wanted) !== String(made[field]))
      return `${field}: ${String(wanted)}, but the swarm was made with ${String(made[field])}`;
  }
  return undefined;
}
