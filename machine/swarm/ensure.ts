/** The swarm of a cluster: found on one of its managers, or made on the first; with the options that its program gives. */
import { setTimeout as delay } from "node:timers/promises";
import type { NodeSSH } from "node-ssh";
import { z } from "zod";
import { swarmTrouble } from "../../host/swarmTrouble";
import { UserError } from "../../host/userError";
import { keepNote } from "../clusterNote";
import { GuestError, inGuest } from "../guest";
import { clusterFiles } from "../paths";
import { machineNamed } from "../power";
import { type Progress, waiting } from "../progress";
import { type MachineRecord, managersOf } from "../store";
import { login, manages, pauseMs, type SwarmInfo, swarmInfoOf, swarmStateOf } from "./managers";
import { initArguments, makingOf, otherMaking, swarmAnswer, swarmOptions, updateArguments } from "./options";
import { founderOf, notePlace } from "./place";
import { initScript, unlockKeyScript, updateScript } from "./scripts";
import { keepUnlockKey } from "./unlock";

export const swarmQuestion = z.strictObject({
  cluster: z.string(),
  /** Machines that manage the swarm, or are to. */
  managers: z.array(z.string()).min(1),
  /** Theirs: another one is asked again. */
  machineIds: z.array(z.string()),
  options: swarmOptions.default({}),
  /** Of the first of them, at which it has the traffic of overlay networks; default: the address that it advertises. */
  dataPathAddress: z.string().optional(),
  /** Its tokens are made anew when machines have joined, by `swarm-tokens`: they are asked for again when a program begins or ceases to want that. */
  rotateTokens: z.boolean().optional(),
});
type SwarmQuestion = z.infer<typeof swarmQuestion>;

/** A manager that restarts, or that waits for others to be a majority with, is in the swarm again by then. */
const usualPatienceMs = 60_000;

/**
 * @param condition what the program saw of the swarm (condition.ts), recorded once the swarm is right
 * @returns one line of JSON, a secret: `ID` and `JoinTokens` as `GET /swarm` has them, and the `UnlockKey` if managers are locked
 * @throws UserError if the swarm that there is does not answer, or was made with other networks than the options say
 */
export async function ensureSwarm(
  asked: SwarmQuestion,
  progress: Progress,
  condition?: string,
  patienceMs = usualPatienceMs,
): Promise<string> {
  const answer = await ensure(asked, progress, patienceMs);
  keepNote(clusterFiles(asked.cluster).swarmCondition, condition);
  return answer;
}

async function ensure(asked: SwarmQuestion, progress: Progress, patienceMs: number): Promise<string> {
  const planned = asked.managers.map(machineNamed);
  // Those that the program no longer has as managers are demoted later: until then the swarm may live by them alone.
  const former = managersOf(asked.cluster, asked.managers);
  const began = Date.now();
  for (let first = true; ; first = false) {
    const silent: string[] = [];
    for (const record of [...planned, ...former]) {
      const session = await login(record);
      try {
        const info = session && (await swarmInfoOf(session, record, progress));
        if (session && manages(info)) return await tell(record, session, asked, progress);
        const state = session === undefined ? "does not answer" : await stateOf(session, info);
        if (record.swarm?.manager && !managesNone.includes(state))
          silent.push(`${record.spec.name} (${state})`);
      } finally {
        session?.dispose();
      }
    }
    if (silent.length === 0) break;
    if (Date.now() - began > patienceMs) throw notAnswering(silent);
    if (first) progress(`waiting for a manager of its swarm: ${silent.join(", ")}`);
    await delay(pauseMs);
  }
  progress("making the swarm");
  const [first] = planned as [MachineRecord, ...MachineRecord[]];
  const session = await login(first);
  if (session === undefined) throw new UserError(`machine "${first.spec.name}" does not answer`);
  try {
    return await tell(first, session, asked, progress);
  } finally {
    session.dispose();
  }
}

/** What Docker calls the node's state, or what keeps it from being asked. */
async function stateOf(session: NodeSSH, info: SwarmInfo | undefined): Promise<string> {
  const { LocalNodeState, Error: said = "" } = info ?? (await swarmStateOf(session));
  return said ? (swarmTrouble(said)?.what ?? said) : LocalNodeState;
}

/** States of a node that is in no swarm, or a worker. One that is pending or locked may manage a swarm that is to be kept. */
const managesNone = ["inactive", "active"];

const notAnswering = (managers: readonly string[]): UserError =>
  new UserError(
    `no manager of the swarm answers: ${managers.join(", ")}`,
    "another swarm is not made as long as this one may come back",
    swarmTrouble(managers.join(", "))?.remedy ??
      "start what is stopped (vmcluster machine start) and see `docker info` there; if the swarm is lost: docker swarm leave --force there, or vmcluster machine rm; then `up`",
  );

/** Docker's own reason, without the script. */
const notMade =
  (name: string) =>
  (error: unknown): never => {
    if (!(error instanceof GuestError)) throw error;
    throw new UserError(
      `machine "${name}" did not make the swarm`,
      error.output.trim(),
      "the next `up` tries again",
    );
  };

async function tell(
  manager: MachineRecord,
  session: NodeSSH,
  { cluster, options, dataPathAddress }: SwarmQuestion,
  progress: Progress,
): Promise<string> {
  const { name } = manager.spec;
  const address = manager.network.privateAddress;
  const init = [
    `--advertise-addr=${address}`,
    `--listen-addr=${address}:2377`,
    ...(dataPathAddress === undefined ? [] : [`--data-path-addr=${dataPathAddress}`]),
    ...initArguments(options),
  ];
  const text = (await inGuest(session, initScript, init.join("\n")).catch(notMade(name))).trim();
  const answer = swarmAnswer.safeParse(JSON.parse(text)).data;
  if (answer === undefined)
    throw new UserError(
      `the swarm of machine "${name}" does not answer as a manager`,
      String((JSON.parse(text) as { message?: string }).message ?? text).slice(0, 300),
      "see `docker node ls` and `docker info` there: vmcluster machine ssh",
    );
  const made = makingOf(answer);
  const other = otherMaking(options, made);
  if (other !== undefined)
    throw new UserError(
      `swarm.${other}`,
      "a swarm's networks cannot be changed",
      "take that back, or destroy the cluster and make it anew",
    );
  await notePlace(manager, { founder: founderOf(manager), manager: true, made });
  const changes = updateArguments(options, answer);
  if (changes.length > 0) {
    const updated = inGuest(session, updateScript, changes.join("\n"));
    await waiting(`setting ${changes.join(" ").replaceAll("--", "")}`, progress, updated);
  }
  const locks = options.autolock ?? answer.Spec.EncryptionConfig?.AutoLockManagers ?? false;
  const key = locks ? (await inGuest(session, unlockKeyScript)).trim() : undefined;
  keepUnlockKey(cluster, key);
  progress("manages the swarm");
  return JSON.stringify({ ID: answer.ID, JoinTokens: answer.JoinTokens, UnlockKey: key });
}
