/** What a manager elsewhere is asked to do for a machine that joins its swarm or leaves it, through the Docker API. */
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../host/userError";
import type { Progress } from "../../machine/progress";
import { joinElsewhere, type MemberSpec, quitElsewhere } from "../../machine/swarm/elsewhere";
import { serverAlive } from "../../machine/swarm/managers";
import type { NodeResult } from "../../machine/swarm/node";
import { swarmAnswer } from "../../machine/swarm/options";
import { noteMember } from "../../machine/swarm/place";
import { DockerApi, orGone } from "../../providers/docker/api";
import type { JsonObject } from "../../providers/docker/json";
import { type Daemon, daemonOf } from "../../providers/docker/settings";
import type { Operation } from "../../providers/rpc/resource";
import type { ApiNode, ApiTask } from "./api";
import { quietly } from "./swarm";

const drainMs = 120_000;
const downMs = 60_000;
const lookMs = 1000;
/** How long a change is tried that the swarm's managers refuse. */
const changeMs = 15_000;
/** A manager that is gone is not waited for when a node leaves. */
const leaveSeconds = 20;
/** For all that is asked of it at a time. */
const actionMs = 300_000;

type Manager = <T>(action: (api: DockerApi, operation: Operation) => Promise<T>) => Promise<T>;

function managerAt(host: string, connectTimeoutSeconds?: number): Manager {
  const daemon = daemonOf({ host }) as Daemon;
  return async (action) => {
    const bounded = connectTimeoutSeconds !== undefined;
    const limits = { ...(bounded && { connectTimeoutSeconds }) };
    const at =
      daemon.kind === "ssh" ? { ...daemon, ...limits, options: [...daemon.options, ...serverAlive] } : daemon;
    const api = new DockerApi(at, { connections: 1, ...(bounded && { patienceMs: 0 }) });
    const signal = AbortSignal.timeout(actionMs);
    try {
      return await action(api, quietly(signal));
    } catch (error) {
      if (signal.aborted)
        throw new UserError(`the Docker at ${host} did not answer within ${actionMs / 1000} s`);
      throw error;
    } finally {
      api.close();
    }
  };
}

type FoundNode = ApiNode & { readonly Version: { readonly Index: number } };

const nodeOf = (api: DockerApi, id: string, operation: Operation): Promise<FoundNode | undefined> =>
  orGone(api.get<JsonObject>(`/nodes/${id}`, operation)) as Promise<FoundNode | undefined>;

async function update(
  api: DockerApi,
  node: FoundNode,
  change: JsonObject,
  operation: Operation,
): Promise<void> {
  const body = { ...(node.Spec as JsonObject), ...change };
  await api.post(`/nodes/${node.ID}/update`, operation, { query: { version: node.Version.Index }, body });
}

/**
 * Joins, then sets labels and availability; labels of other people stay. One that is in the swarm already is promoted if the token is a manager's.
 *
 * @param before what was printed the last time: labels that are no longer asked for are taken off
 */
export async function joinMember(
  spec: MemberSpec,
  before: NodeResult | undefined,
  progress: Progress,
): Promise<NodeResult> {
  const nodeId = await joinElsewhere(spec, progress);
  const { host, labels, availability } = spec;
  await noteMember(spec.machine, { nodeId, host });
  if (host === undefined) return { nodeId, labels };
  await managerAt(host)(async (api, operation) => {
    const node = await nodeOf(api, nodeId, operation);
    if (node === undefined)
      throw new UserError(
        `the Docker at ${host} does not know the node`,
        "it manages another swarm",
        "see `host`",
      );
    const kept = Object.entries(node.Spec.Labels ?? {}).filter(
      ([label]) => !(label in (before?.labels ?? {})),
    );
    const { JoinTokens } = swarmAnswer
      .pick({ JoinTokens: true })
      .parse(await api.get<JsonObject>("/swarm", operation));
    const change = {
      Role: spec.token === JoinTokens.Manager ? "manager" : node.Spec.Role,
      Labels: { ...Object.fromEntries(kept), ...labels },
      Availability: availability ?? node.Spec.Availability,
    };
    const same =
      JSON.stringify(Object.entries(change.Labels).sort()) ===
        JSON.stringify(Object.entries(node.Spec.Labels ?? {}).sort()) &&
      change.Availability === node.Spec.Availability &&
      change.Role === node.Spec.Role;
    if (same) return;
    progress(`setting its ${change.Role === node.Spec.Role ? "" : "role, "}labels and availability`);
    await update(api, node, change, operation);
  });
  return { nodeId, labels };
}

/** Drained, gone, and off the list of nodes; what of it nobody here can do is said, and does not fail. */
export async function quitMember(
  spec: MemberSpec,
  before: NodeResult | undefined,
  progress: Progress,
): Promise<void> {
  if (before === undefined) return;
  const { nodeId } = before;
  const stays = (why: string): void =>
    progress(
      `${why}: it stays on the list of nodes as down; on a manager: docker node demote ${nodeId} && docker node rm ${nodeId}`,
    );
  const manager = spec.host === undefined ? undefined : managerAt(spec.host, leaveSeconds);
  let manages = false;
  try {
    await manager?.(async (api, operation) => {
      const node = await nodeOf(api, nodeId, operation);
      if (node === undefined) return;
      // It is one from when the others count it, which is before its own Docker says so.
      manages = isManager(node);
      if (node.Status.State !== "ready") return;
      await drained(api, nodeId, progress, operation);
      if (!manages) return;
      progress("demoting it to a worker");
      await demoted(api, nodeId, operation);
      manages = false;
    });
  } catch (error) {
    progress(`not ${manages ? "demoted" : "drained"}: ${(error as Error).message}`);
  }
  await quitElsewhere(spec, nodeId, manages, progress);
  await noteMember(spec.machine, undefined);
  if (manager === undefined) return stays("the swarm has no `host` to be asked at");
  try {
    await manager((api, operation) => removed(api, nodeId, operation));
  } catch (error) {
    stays((error as Error).message);
  }
}

const isManager = ({ Spec, ManagerStatus }: FoundNode): boolean =>
  Spec.Role === "manager" || ManagerStatus !== undefined;

/** Changes a node, again if the swarm's managers are just choosing a leader, or the node has changed meanwhile. */
async function updated(
  api: DockerApi,
  id: string,
  change: JsonObject,
  operation: Operation,
): Promise<FoundNode | undefined> {
  for (const end = Date.now() + changeMs; ; await sleep(lookMs)) {
    try {
      const node = await nodeOf(api, id, operation);
      if (node !== undefined) await update(api, node, change, operation);
      return node;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}

async function drained(api: DockerApi, id: string, progress: Progress, operation: Operation): Promise<void> {
  progress("draining the swarm node");
  await updated(api, id, { Availability: "drain" }, operation);
  const query = { filters: JSON.stringify({ node: [id], "desired-state": ["running", "shutdown"] }) };
  for (const end = Date.now() + drainMs; Date.now() < end; await sleep(lookMs)) {
    const tasks = (await api.get<JsonObject>("/tasks", operation, { query })) as unknown as ApiTask[];
    if (!tasks.some(({ Status }) => ["running", "starting", "preparing"].includes(Status.State))) return;
  }
}

/** Its role is but the wish: the managers then take it out of their number. */
async function demoted(api: DockerApi, id: string, operation: Operation): Promise<void> {
  for (const end = Date.now() + downMs; ; await sleep(lookMs)) {
    const node = await updated(api, id, { Role: "worker" }, operation);
    if (node === undefined || !isManager(node)) return;
    if (Date.now() > end) throw new Error("the others have not taken it out of their number");
  }
}

async function removed(api: DockerApi, id: string, operation: Operation): Promise<void> {
  for (const end = Date.now() + downMs; Date.now() < end; await sleep(lookMs)) {
    const node = await nodeOf(api, id, operation);
    if (node === undefined) return;
    // A manager whose machine is gone could not demote itself.
    if (node.Spec.Role === "manager") await updated(api, id, { Role: "worker" }, operation);
    else if (node.Status.State !== "ready" && node.ManagerStatus === undefined) break;
  }
  await orGone(api.delete(`/nodes/${id}?force=true`, operation));
}
