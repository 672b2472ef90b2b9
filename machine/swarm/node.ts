/** One node of a cluster's swarm: joined, with its role, availability and labels. */
import type { NodeSSH } from "node-ssh";
import { z } from "zod";
import { withLock } from "../../host/lock";
import { shellWord } from "../../host/shellWord";
import { UserError } from "../../host/userError";
import { inGuest } from "../guest";
import { clusterLock } from "../paths";
import { machineNamed, startMachine } from "../power";
import { type Progress, waiting } from "../progress";
import { type MachineRecord, managersOf, readMachine } from "../store";
import { askManager, login, swarmInfoOf } from "./managers";
import { founderOf, notePlace } from "./place";
import { joinScript, stateScript } from "./scripts";

export const nodeSpec = z.strictObject({
  machine: z.string(),
  machineId: z.string(),
  role: z.enum(["manager", "worker"]),
  /** Undefined: whatever it has, `active` in the beginning. */
  availability: z.enum(["active", "pause", "drain"]).optional(),
  labels: z.record(z.string(), z.string()),
  /** At which it has the traffic of overlay networks; default: the address that it advertises. */
  dataPathAddress: z.string().optional(),
  /** Machines that manage the swarm, or are to. */
  managers: z.array(z.string()).min(1),
});
export type NodeSpec = z.infer<typeof nodeSpec>;

/** What `swarm-node` prints, and its next update and its removal find as what was. */
export const nodeResult = z.object({ nodeId: z.string(), labels: z.record(z.string(), z.string()) });
export type NodeResult = z.infer<typeof nodeResult>;

const seconds = 120;
const demotionTries = 30;

/**
 * The machines that may let it in: those that the program says, and this one last if it is one of them. A manager may also be let in by those that
 * are about to be demoted: if it is made anew, the swarm may live by them alone.
 */
function managersFor({ managers, machine, role }: NodeSpec, own: MachineRecord): MachineRecord[] {
  const others = managers.filter((name) => name !== machine).map(machineNamed);
  if (role === "worker") return others;
  const former = managersOf(own.spec.cluster, managers);
  return [...others, ...former, own];
}

/**
 * Makes the machine a node of the swarm with this role, availability and these labels; whatever else others have set stays.
 *
 * @param before what the last call printed: labels that are no longer asked for are taken off
 * @param condition what the program saw of the node (condition.ts), recorded once it is right
 */
export async function applyNode(
  spec: NodeSpec,
  before: NodeResult | undefined,
  progress: Progress,
  condition?: string,
): Promise<NodeResult> {
  const own = machineNamed(spec.machine);
  if (spec.role === "worker") return apply(own, spec, before, progress, condition);
  // Two that join at once would leave a single manager without a majority.
  return withLock(
    clusterLock(own.spec.cluster),
    () => progress("waiting for another node of the swarm"),
    () => apply(own, spec, before, progress, condition),
  );
}

async function apply(
  own: MachineRecord,
  spec: NodeSpec,
  before: NodeResult | undefined,
  progress: Progress,
  condition: string | undefined,
): Promise<NodeResult> {
  // It may be off the list because its Docker is off.
  if (condition !== undefined) await startMachine(spec.machine, progress);
  // It cannot be demoted before those that take over have joined.
  const tries = spec.role === "worker" && own.swarm?.manager ? demotionTries : undefined;
  const make = async (session: NodeSSH, manager: MachineRecord) => {
    const nodeId = await join(own, spec, session, manager, progress);
    await forgetFormer(session, own.swarm?.nodeId ?? before?.nodeId, nodeId);
    await set(session, nodeId, spec, before, progress);
    return { nodeId, founder: founderAt(manager) };
  };
  try {
    const { nodeId, founder } = await askManager(managersFor(spec, own), undefined, make, tries);
    await notePlace(own, { founder, manager: spec.role === "manager", nodeId, condition });
    return { nodeId, labels: spec.labels };
  } catch (error) {
    throw new UserError(
      `machine "${spec.machine}" did not become a ${spec.role} of the swarm`,
      (error as Error).message,
      "the next `up` tries again",
    );
  }
}

/** Who made the swarm that it manages. Its own record does not say so yet if it has just joined. */
function founderAt(manager: MachineRecord): string {
  const { name, cluster } = manager.spec;
  const place = readMachine(name)?.swarm ?? managersOf(cluster)[0]?.swarm;
  return place?.founder ?? founderOf(manager);
}

/** Joins unless it is in that swarm already. Returns its node ID. */
async function join(
  own: MachineRecord,
  { role, dataPathAddress }: NodeSpec,
  manager: NodeSSH,
  at: MachineRecord,
  progress: Progress,
): Promise<string> {
  const { name } = own.spec;
  if (at.spec.name === name) {
    await checkDataPath(manager, dataPathAddress);
    return ((await swarmInfoOf(manager, at)) as { NodeID: string }).NodeID;
  }
  const session = await login(own);
  if (session === undefined) throw new Error(`machine "${name}" does not answer`);
  try {
    const there = await swarmInfoOf(session, own);
    if (there) {
      if (await knows(manager, there.NodeID)) {
        await checkDataPath(session, dataPathAddress);
        return there.NodeID;
      }
      progress("leaving the swarm it was in");
      await inGuest(session, "docker swarm leave --force");
    }
    const [token, swarm] = await Promise.all([
      inGuest(manager, `docker swarm join-token -q ${role}`),
      inGuest(manager, "docker info --format '{{json .Swarm.Cluster.TLSInfo.TrustRoot}}'"),
    ]);
    const request = {
      ListenAddr: `${own.network.privateAddress}:2377`,
      AdvertiseAddr: own.network.privateAddress,
      ...(dataPathAddress !== undefined && { DataPathAddr: dataPathAddress }),
      RemoteAddrs: [`${at.network.privateAddress}:2377`],
      JoinToken: token.trim(),
    };
    const input = `${JSON.stringify(request)}\n${String(JSON.parse(swarm))}`;
    return (await waiting("joining the swarm", progress, inGuest(session, joinScript, input))).trim();
  } finally {
    session.dispose();
  }
}

/** A node takes its addresses when it joins: Pulumi replaces the node for another one, which the swarm's only manager cannot be. */
export async function checkDataPath(session: NodeSSH, wanted: string | undefined): Promise<void> {
  if (wanted === undefined) return;
  const { DataPathAddr } = z
    .looseObject({ DataPathAddr: z.string().optional() })
    .parse(JSON.parse(await inGuest(session, stateScript)));
  if (DataPathAddr === wanted) return;
  throw new Error(
    `dataPathAddress: "${wanted}", but it is in the swarm with ${DataPathAddr || "the address that it advertises"}: it must leave and join again, for which another manager is needed`,
  );
}

/** A node that left by force and joined again is another one; the swarm would count the former as one that is down, and as a manager. */
async function forgetFormer(manager: NodeSSH, former: string | undefined, nodeId: string): Promise<void> {
  if (former === undefined || former === nodeId || !(await knows(manager, former))) return;
  const id = shellWord(former);
  await inGuest(manager, `docker node demote ${id} >/dev/null 2>&1; docker node rm --force ${id}`);
}

async function knows(manager: NodeSSH, nodeId: string): Promise<boolean> {
  return inGuest(manager, `docker node inspect ${shellWord(nodeId)}`).then(
    () => true,
    () => false,
  );
}

async function labelsOf(manager: NodeSSH, id: string): Promise<object> {
  const labels = await inGuest(manager, `docker node inspect --format '{{json .Spec.Labels}}' ${id}`);
  return (JSON.parse(labels) as object | null) ?? {};
}

async function set(
  manager: NodeSSH,
  nodeId: string,
  { role, availability, labels }: NodeSpec,
  before: NodeResult | undefined,
  progress: Progress,
): Promise<void> {
  const id = shellWord(nodeId);
  const ours = Object.keys(before?.labels ?? {}).filter((label) => !(label in labels));
  // Docker refuses to take off what is off already: by hand, or by a try before that failed later.
  const there = ours.length === 0 ? {} : await labelsOf(manager, id);
  const gone = ours.filter((label) => label in there);
  const options = [
    ...(availability === undefined ? [] : [`--availability ${availability}`]),
    ...Object.entries(labels).map(([label, value]) => `--label-add ${shellWord(`${label}=${value}`)}`),
    ...gone.map((label) => `--label-rm ${shellWord(label)}`),
  ];
  const inspect = (format: string): string => `"$(docker node inspect --format ${shellWord(format)} ${id})"`;
  const reached = "{{if .ManagerStatus}}{{.ManagerStatus.Reachability}}{{else}}worker{{end}}";
  const change = [
    "set -e",
    ...(options.length > 0 ? [`docker node update ${options.join(" ")} ${id} >/dev/null`] : []),
    `if [ ${inspect("{{.Spec.Role}}")} != ${role} ]; then docker node ${role === "manager" ? "promote" : "demote"} ${id}; fi`,
    // It takes the node some seconds to be what its role says.
    `i=0; until [ ${inspect(reached)} = ${role === "manager" ? "reachable" : "worker"} ]; do i=$((i+1)); [ $i -lt ${seconds} ] || { echo 'it does not become one' >&2; exit 1; }; sleep 1; done`,
  ].join("\n");
  await waiting(`making it a ${role} of the swarm`, progress, inGuest(manager, change));
}
