/** Which services' data goes when resources of a stack are deleted: with the disks of machines, and with volumes. */
import { z } from "zod";
import { readMachine, readTombstone } from "../../../machine/store";
import { daemonOfProvider, type StateResource, sshDaemon } from "../clusters";
import type { Member } from "../swarm";
import { type DataMount, dataMounts } from "./mounts";
import { onNode } from "./onNode";
import { sizesScript } from "./scripts";

/** Of an existing host only this folder is removed (`machine/drivers/generic/leave.ts`). */
const hostFolder = "/var/lib/vmcluster";
const lookTimeoutMs = 30_000;

/** What may be lost. */
export interface Candidate {
  /** Whose it is; empty of a volume that is declared by itself. */
  readonly service: string;
  readonly machine: string;
  readonly type: DataMount["type"];
  readonly source: string;
  readonly member: Member;
}

export interface Loss extends Candidate {
  /** Bytes; undefined where the machine does not answer. */
  readonly size: number | undefined;
}

const machineInputs = z.object({ stdin: z.string() });
const machineSpec = z.object({ name: z.string(), driver: z.string() });
const text = z.string().nullish();
const serviceOutputs = z.object({
  name: z.string(),
  taskSpec: z.object({
    containerSpec: z.object({
      mounts: z
        .array(z.object({ type: text, source: text, target: text, readOnly: z.boolean().nullish() }))
        .nullish(),
    }),
    placement: z.object({ constraints: z.array(z.string()).nullish() }).nullish(),
  }),
});
const nodes = z.array(z.object({ name: z.string(), role: z.string() }));

interface Place {
  readonly machine: string;
  readonly driver: string;
  /** URNs of the components it belongs to. */
  readonly owners: readonly string[];
  /** A `SwarmMember` makes it a node of a swarm: which one that is its token tells, which is secret. */
  readonly joined: boolean;
}

const machineType = /vmcluster:index:Machine\$command:local:Command::/;

function machinesAmong(resources: readonly StateResource[], deleted: ReadonlySet<string>): Place[] {
  const parents = new Map(resources.map(({ urn, parent }) => [urn, parent]));
  const ownersOf = (urn: string): string[] => {
    const parent = parents.get(urn);
    return parent === undefined ? [] : [parent, ...ownersOf(parent)];
  };
  const joined = new Set(
    resources
      .filter(({ inputs }) => inputs?.create === "swarm-join")
      .flatMap(({ dependencies }) => dependencies ?? []),
  );
  return resources
    .filter(({ urn }) => machineType.test(urn) && deleted.has(urn))
    .flatMap(({ urn, inputs }): Place[] => {
      const given = machineInputs.safeParse(inputs).data?.stdin;
      const spec = given === undefined ? undefined : machineSpec.safeParse(JSON.parse(given)).data;
      return spec === undefined
        ? []
        : [{ machine: spec.name, driver: spec.driver, owners: ownersOf(urn), joined: joined.has(urn) }];
    });
}

/** Of the constraints those that a state tells of: role and host name. */
function mayRunOn(constraints: readonly string[], machine: string, role: string | undefined): boolean {
  return constraints.every((constraint) => {
    const [, key, sign, value] = /^\s*node\.(\w+)\s*(==|!=)\s*(.*?)\s*$/.exec(constraint) ?? [];
    const own = key === "role" ? role : key === "hostname" ? machine : undefined;
    return own === undefined || (own === value) === (sign === "==");
  });
}

/**
 * What may be lost by a deletion, from the state alone.
 *
 * @param deleted URNs of what is deleted or replaced
 */
export function candidatesOf(resources: readonly StateResource[], deleted: ReadonlySet<string>): Candidate[] {
  const machines = machinesAmong(resources, deleted);
  const byUrn = new Map(resources.map((one) => [one.urn, one]));
  const providerOf = ({ provider = "" }: StateResource): StateResource | undefined =>
    byUrn.get(provider.slice(0, provider.lastIndexOf("::")));
  return resources.flatMap((resource): Candidate[] => {
    const provider = providerOf(resource);
    const daemon = provider && daemonOfProvider(provider);
    if (provider === undefined || daemon === undefined) return [];
    const host = daemon.kind === "ssh" ? daemon.host : daemon.socket;
    if (resource.type === "docker:index/volume:Volume") {
      const source = String(resource.outputs?.name ?? "");
      if (!deleted.has(resource.urn) || source === "") return [];
      return [{ service: "", machine: host, type: "volume", source, member: { name: host, daemon } }];
    }
    if (resource.type !== "docker:index/service:Service") return [];
    const service = serviceOutputs.safeParse(resource.outputs).data;
    if (service === undefined) return [];
    const { containerSpec, placement } = service.taskSpec;
    const mounts = dataMounts(
      (containerSpec.mounts ?? []).map(({ type, source, target, readOnly }) => ({
        type: type ?? undefined,
        source: source ?? undefined,
        target: target ?? undefined,
        readOnly: readOnly ?? undefined,
      })),
    );
    const cluster = byUrn.get(provider.parent ?? "");
    const roles = nodes.safeParse(cluster?.outputs?.nodes).data ?? [];
    return machines
      .filter(
        ({ machine, owners, joined }) =>
          machine === host || joined || (cluster && owners.includes(cluster.urn)),
      )
      .filter(({ machine }) =>
        mayRunOn(placement?.constraints ?? [], machine, roles.find(({ name }) => name === machine)?.role),
      )
      .flatMap(({ machine, driver }) =>
        mounts
          .filter(
            ({ type, source }) =>
              driver !== "generic" || (type === "bind" && `${source}/`.startsWith(`${hostFolder}/`)),
          )
          .map(({ type, source }) => ({
            service: service.name,
            machine,
            type,
            source,
            member: { name: machine, daemon: machine === host ? daemon : sshDaemon(machine) },
          })),
      );
  });
}

/** What there really is of these on one machine. */
async function lossesOn(member: Member, candidates: readonly Candidate[]): Promise<Loss[]> {
  let sizes: string[];
  try {
    const values = candidates.flatMap(({ type, source }) => [type, source]);
    const said = await onNode(member, sizesScript, values, { signal: AbortSignal.timeout(lookTimeoutMs) });
    sizes = said.trim().split("\n");
  } catch {
    return candidates.map((candidate) => ({ ...candidate, size: undefined }));
  }
  return candidates
    .map((candidate, index) => ({ ...candidate, size: Number(sizes[index]) }))
    .filter(({ size }) => !Number.isNaN(size));
}

/** Not a machine that a person has removed. One whose record is lost or damaged may still run, with its data. */
function mayBeThere(machine: string): boolean {
  try {
    return readMachine(machine) !== undefined || readTombstone(machine) === undefined;
  } catch {
    return true;
  }
}

/** Folders that are not there or empty are no data; what is on a machine that does not answer may be. */
export async function lossesOf(candidates: readonly Candidate[]): Promise<Loss[]> {
  const there = candidates.filter(
    ({ member, service }) => service === "" || member.daemon.kind !== "ssh" || mayBeThere(member.name),
  );
  const machines = [...new Set(there.map(({ machine }) => machine))];
  const found = await Promise.all(
    machines.map((machine) => {
      const own = there.filter((one) => one.machine === machine);
      return lossesOn((own[0] as Candidate).member, own);
    }),
  );
  return found.flat();
}
