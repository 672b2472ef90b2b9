import { isIP } from "node:net";
import { z } from "zod";

/** Names of machines and clusters are host names: they end up as such in the guest and in file names. */
const hostName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/,
    "must be 1 to 30 lower-case letters, digits and hyphens, neither first nor last a hyphen",
  );

/** Whether a machine may be called so; anything else must not get into a path. */
export const isMachineName = (name: string): boolean => hostName.safeParse(name).success;

const port = z.number().int().min(1).max(65535);

/** Drivers that exist; others are named in the error. */
export const driverNames = ["qemu", "virtualbox", "generic"] as const;

/** Neither can be read as an option of a program or as something else by a shell. */
const isHost = (text: string): boolean =>
  (isIP(text) !== 0 && !text.includes("%")) || /^[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?$/i.test(text);

/** Fields of the generic driver, which takes a host that is there: docs/generic.md. */
const existingHost = {
  /** Name or address at which the host answers SSH. */
  host: z.string().refine(isHost, "must be a host name or an IP address").optional(),
  /** Who logs in: root, or one who may use sudo without a password. Default root. */
  sshUser: z
    .string()
    .regex(/^[a-z_][a-z0-9_.-]{0,31}$/i, "must be the name of a user")
    .optional(),
  /** Port of its sshd. Default 22. */
  sshPort: port.optional(),
  /** Private key file on this host, absolute or from ~/; without a passphrase. Default: the first of ~/.ssh/id_ed25519, id_ecdsa, id_rsa. */
  identity: z
    .string()
    .regex(/^(~\/|\/)[^\p{Cc}"]+$/u, "must be a path from / or ~/ on")
    .optional(),
  /** Its SSH host key. Default: the one that it shows the first time, which is pinned from then on. */
  hostKey: z
    .string()
    .regex(/^ssh-ed25519 [A-Za-z0-9+/]{68}( \S*)?$/, "must be an ed25519 key: ssh-ed25519 AAAA…")
    .optional(),
  /** Makes a host that is in a swarm already leave it. Default false: such a host is refused. */
  leaveSwarm: z.boolean().optional(),
};

/** Fields that only the generic driver takes, and those that it has no use for. */
export const existingHostFields = Object.keys(existingHost);
export const virtualMachineFields = [
  "cpus",
  "memory",
  "disk",
  "subnet",
  "ports",
  "suite",
  "image",
  "imageChecksum",
] as const;

/** Debian suites that the node image can be built from. */
export const suites = ["trixie"] as const;

/**
 * What `machine apply` and `machine status` read from standard input. `status` takes an array of them.
 * Unknown fields are refused, so that a misspelt one is not ignored.
 */
export const machineSpec = z.strictObject({
  /** Unique in one VMCLUSTER_HOME; the guest's host name. */
  name: hostName,
  /** Machines of one cluster share a private network and are told apart from another cluster's of the same names. */
  cluster: hostName,
  /** The program that it belongs to, `<project>/<stack>`; absent for a person's own machine. */
  owner: z.string().min(1).optional(),
  driver: z.enum(driverNames).default("qemu"),
  /** Virtual CPUs, 1 to 64. */
  cpus: z.number().int().min(1).max(64).default(1),
  /** MiB of memory, at least 512. */
  memory: z.number().int().min(512).max(1_048_576).default(1024),
  /** GiB of disk, at least 4; it only grows. */
  disk: z.number().int().min(4).max(65_536).default(10),
  /** The node's address on the cluster's private network, IPv4; by default the next free one of `subnet`. */
  privateAddress: z.ipv4().optional(),
  /** The cluster's private network, IPv4 CIDR. */
  subnet: z.cidrv4().default("192.168.56.0/24"),
  /** TCP ports of the node that this host forwards from the node's host address, besides SSH. */
  ports: z.array(port).default([]),
  /** Service images (`vmcluster.internal/…` references) the node must have; the golden image's are there already. */
  images: z
    .array(z.string().regex(/^vmcluster\.internal\//, "must be built here: vmcluster.internal/…"))
    .default([]),
  /** Suite of the golden node image. */
  suite: z.string().default("trixie"),
  /** Name of a pulled image to clone instead, or its URL, by which it is pulled if it is not there; only of the qemu driver. */
  image: z.string().optional(),
  /** Of an image that is given by its URL: `sha256:…` or `sha512:…`. */
  imageChecksum: z.string().optional(),
  ...existingHost,
});

/** What a program may let be as it is on a machine that exists. */
export const keepable = ["cpus", "memory", "disk", "ports", "images"] as const;

/** A spec as `machine status` reads it, with what the program says of a machine that is there already. */
export const machineQuestion = machineSpec.extend({
  /** The machine may be a person's or another program's. */
  adopt: z.boolean().optional(),
  /** An existing host that is no machine yet is logged in to: whatever stands in the way is found before anything is made. */
  lookAtHost: z.boolean().optional(),
  /** Fields of the spec that stay what they are. */
  ignoreChanges: z.array(z.enum(keepable)).optional(),
});

export type MachineQuestion = z.infer<typeof machineQuestion>;
export type MachineSpec = z.infer<typeof machineSpec>;
export type MachineSpecInput = z.input<typeof machineSpec>;

/** A spec as a person or a program gives it, before it is checked. */
export type UncheckedSpec = Omit<MachineSpecInput, "driver" | "ports" | "images"> & {
  readonly driver?: string;
  readonly ports?: readonly number[];
  readonly images?: readonly string[];
};
