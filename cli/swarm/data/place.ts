/** Where a service keeps its data: which of its mounts, on which node, in which folder there. */
import { UserError } from "../../../host/userError";
import type { Json } from "../../../providers/docker/json";
import type { ApiNode, ApiService, ApiTask, ApiVolume } from "../api";
import { mayRun } from "../constraints";
import { memberOf } from "../exec";
import { nodeNamed, serviceNamed } from "../names";
import { apiOf, type Member, quietly, type Swarm } from "../swarm";
import { isWanted } from "../words";
import { type DataMount, dataMounts } from "./mounts";
import { onNode } from "./onNode";
import { lookScript } from "./scripts";

export interface DataPlace {
  readonly service: ApiService;
  readonly mount: DataMount;
  /** The node's name. */
  readonly node: string;
  readonly member: Member;
  /** Folder on the node. */
  readonly path: string;
  /** Other services with the same folder or volume. */
  readonly sharedWith: readonly string[];
}

export interface PlaceOptions {
  /** Path in the containers, where the service has several data mounts. */
  readonly mount?: string;
  /** Where several nodes keep data of the service. */
  readonly node?: string;
}

const mountsOf = ({ Spec }: ApiService): DataMount[] =>
  dataMounts(
    (Spec.TaskTemplate.ContainerSpec?.Mounts ?? []).map(({ Type, Source, Target, ReadOnly }) => ({
      type: Type,
      source: Source,
      target: Target,
      readOnly: ReadOnly,
    })),
  );

/** @throws UserError that names what there is, unless one is meant */
function chooseMount(
  { Spec: { Name } }: ApiService,
  mounts: readonly DataMount[],
  wanted?: string,
): DataMount {
  const targets = mounts.map(({ target }) => target).join(", ");
  const [first] = mounts;
  if (first === undefined) {
    throw new UserError(
      `service ${Name} keeps no data`,
      "it has neither a volume with a name nor a folder of the node that it may write to",
    );
  }
  if (wanted !== undefined) {
    const found = mounts.find(({ target }) => target === wanted);
    if (found !== undefined) return found;
    throw new UserError(`service ${Name} keeps no data in ${wanted}`, `it does in: ${targets}`);
  }
  if (mounts.length === 1) return first;
  throw new UserError(
    `service ${Name} keeps data in several places`,
    `in its containers they are: ${targets}`,
    "name one with --mount",
  );
}

/** The nodes of its tasks; of a service without any, those where they may run. */
function nodesOf(service: ApiService, nodes: readonly ApiNode[], tasks: readonly ApiTask[]): ApiNode[] {
  const own = tasks.filter(({ ServiceID, NodeID }) => ServiceID === service.ID && NodeID !== undefined);
  const ran = own.some(isWanted) ? own.filter(isWanted) : own;
  const ids = new Set(ran.map(({ NodeID }) => NodeID));
  if (ids.size > 0) return nodes.filter(({ ID }) => ids.has(ID));
  return nodes.filter((node) => mayRun(node, service.Spec.TaskTemplate.Placement ?? {}));
}

/** @throws UserError that names the nodes there are, unless one is meant */
function chooseNode(name: string, found: readonly ApiNode[]): ApiNode {
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  const names = found.map(({ Description }) => Description.Hostname).sort();
  throw new UserError(
    found.length === 0
      ? `no node may run service ${name}`
      : `service ${name} may keep data on several nodes, on each another`,
    found.length === 0 ? undefined : `they are: ${names.join(", ")}`,
    "name one with --node",
  );
}

/** @throws UserError if the volume is not a folder of the node's own */
async function folderOf(mount: DataMount, member: Member, timeoutMs: number): Promise<string> {
  if (mount.type === "bind") return mount.source;
  const api = apiOf(member, timeoutMs);
  try {
    const path = `/volumes/${encodeURIComponent(mount.source)}`;
    const answer = await api.get<Json>(path, quietly(AbortSignal.timeout(timeoutMs)));
    const volume = answer as unknown as ApiVolume;
    if (volume.Driver === "local" && Object.keys(volume.Options ?? {}).length === 0) return volume.Mountpoint;
    throw new UserError(
      `volume ${mount.source} is not kept by ${member.name} itself`,
      `its driver is ${volume.Driver}${volume.Driver === "local" ? ", with options" : ""}: what it stands for is elsewhere`,
    );
  } finally {
    api.close();
  }
}

/** @throws UserError that names what there is, where something is to be chosen or is not there */
export async function dataPlace(
  swarm: Swarm,
  name: string,
  { mount: wanted, node: wantedNode }: PlaceOptions,
): Promise<DataPlace> {
  const [services, nodes, tasks] = await Promise.all([swarm.services(), swarm.nodes(), swarm.tasks()]);
  const service = serviceNamed(services, name);
  const mount = chooseMount(service, mountsOf(service), wanted);
  const node =
    wantedNode === undefined
      ? chooseNode(service.Spec.Name, nodesOf(service, nodes, tasks))
      : nodeNamed(nodes, wantedNode);
  const member = memberOf(swarm.cluster, node);
  const path = await folderOf(mount, member, swarm.timeoutMs);
  const sharedWith = services
    .filter(({ ID }) => ID !== service.ID)
    .filter((other) =>
      mountsOf(other).some(({ type, source }) => type === mount.type && source === mount.source),
    )
    .map(({ Spec }) => Spec.Name);
  return { service, mount, node: node.Description.Hostname, member, path, sharedWith };
}

export interface Look {
  readonly kind: "missing" | "other" | "folder";
  /** Bytes in it. */
  readonly size: number;
  /** Bytes that are free on its file system. */
  readonly free: number;
  readonly empty: boolean;
  /** A file system of its own is mounted there. */
  readonly mountpoint: boolean;
}

export async function look(member: Member, path: string, signal?: AbortSignal): Promise<Look> {
  const said = (await onNode(member, lookScript, [path], { signal })).trim();
  const [kind, size, free, some, mount] = said.split(/\s+/);
  if (kind === "missing" || kind === "other")
    return { kind, size: 0, free: 0, empty: true, mountpoint: false };
  if (kind !== "folder" || !/^\d+$/.test(size ?? "") || !/^\d+$/.test(free ?? ""))
    throw new UserError(`${member.name}: cannot look at ${path}`, said);
  return {
    kind,
    size: Number(size),
    free: Number(free),
    empty: some === "empty",
    mountpoint: mount === "mountpoint",
  };
}
