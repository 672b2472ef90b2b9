/** A machine in a swarm that was made elsewhere: joined with that swarm's token, gone from it when it leaves. */
import { createHash } from "node:crypto";
import type { NodeSSH } from "node-ssh";
import { z } from "zod";
import { UserError } from "../../host/userError";
import { GuestError, inGuest } from "../guest";
import { machineNamed } from "../power";
import { type Progress, waiting } from "../progress";
import { type MachineRecord, readMachine } from "../store";
import { stillManages } from "./leave";
import { login, swarmInfoOf, swarmStateOf } from "./managers";
import { demoteItselfScript, joinScript, rootScript } from "./scripts";

export const memberSpec = z.strictObject({
  machine: z.string(),
  machineId: z.string(),
  /** Where one of its managers listens, as the machine reaches it: `10.0.0.5:2377`. */
  manager: z.string(),
  /** A secret. */
  token: z.string(),
  /** Docker of a manager as this host reaches it; undefined: nobody here can ask the swarm. */
  host: z.string().optional(),
  availability: z.enum(["active", "pause", "drain"]).optional(),
  labels: z.record(z.string(), z.string()),
});
export type MemberSpec = z.infer<typeof memberSpec>;

/**
 * Whether a root certificate is the one that a join token stands for: its SHA-256 is the token's third part, as a number to base 36
 * (moby/swarmkit: ca/config.go, GenerateJoinToken).
 */
export function isRootOf(token: string, certificate: string): boolean {
  const digest = createHash("sha256").update(`${certificate.trim()}\n`).digest("hex");
  return token.split("-")[2] === BigInt(`0x${digest}`).toString(36).padStart(50, "0");
}

/**
 * Joins unless the machine is in that swarm already, where it may take a while to be active; one that is in another swarm, as of an earlier program,
 * leaves that first.
 *
 * @returns its node ID
 * @throws UserError with Docker's own reason
 */
export async function joinElsewhere(spec: MemberSpec, progress: Progress): Promise<string> {
  const machine = machineNamed(spec.machine);
  const session = await login(machine);
  if (session === undefined) throw new UserError(`machine "${spec.machine}" does not answer`);
  try {
    const there = await swarmInfoOf(session, machine, progress);
    const root = await ownRoot(session, spec.token);
    if (there !== undefined && root !== "") return there.NodeID;
    if (there !== undefined) progress("leaving the swarm it was in");
    return await join(machine, session, spec, root, progress);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `machine "${spec.machine}" did not join the swarm at ${spec.manager}`,
      // Whatever Docker says of it, the token is not repeated.
      (error instanceof GuestError ? error.output.trim() : (error as Error).message).replaceAll(
        spec.token,
        "…",
      ),
      "see that the address is right and reached from the machine, and that the token is today's: docker swarm join-token worker",
    );
  } finally {
    session.dispose();
  }
}

/**
 * The root certificate of the swarm that the machine is in, if the token is of that one. Empty also of a node whose own certificate is no longer
 * good: it has to join again.
 */
async function ownRoot(session: NodeSSH, token: string): Promise<string> {
  const root = await inGuest(session, rootScript).catch(() => "");
  return isRootOf(token, root) && (await swarmStateOf(session)).LocalNodeState !== "error" ? root : "";
}

async function join(
  { network }: MachineRecord,
  session: NodeSSH,
  { manager, token, availability }: MemberSpec,
  root: string,
  progress: Progress,
): Promise<string> {
  const request = {
    ListenAddr: `${network.privateAddress}:2377`,
    AdvertiseAddr: network.privateAddress,
    RemoteAddrs: [manager],
    JoinToken: token,
    ...(availability !== undefined && { Availability: availability }),
  };
  // One that is in this swarm, but pending or locked, is waited for; with no certificate to compare with it leaves the one that it is in.
  const joined = inGuest(session, joinScript, `${JSON.stringify(request)}\n${root}`);
  return (await waiting(`joining the swarm at ${manager}`, progress, joined)).trim();
}

/**
 * Nothing to do if the machine is gone, or in that swarm no more. A manager becomes a worker before.
 *
 * @param manages the swarm counts it among its managers, whatever the machine says
 * @throws UserError if it cannot: the swarm might lose the majority of its managers with it
 */
export async function quitElsewhere(
  { machine: name }: MemberSpec,
  nodeId: string,
  manages: boolean,
  progress: Progress,
): Promise<void> {
  const machine = readMachine(name);
  const session = machine && (await login(machine));
  try {
    const there = session && (await swarmInfoOf(session, machine as MachineRecord));
    if (session === undefined || there?.NodeID !== nodeId) return;
    if (manages || there.ControlAvailable || there.RemoteManagers?.some(({ NodeID }) => NodeID === nodeId)) {
      const demoted = inGuest(session, demoteItselfScript, nodeId);
      const why = (await waiting("demoting it to a worker", progress, demoted)).trim();
      const force = `to leave all the same: vmcluster machine ssh ${name} -- docker swarm leave --force`;
      if (why !== "") throw stillManages(name, why, force);
    }
    await waiting("leaving the swarm", progress, inGuest(session, "docker swarm leave --force"));
  } finally {
    session?.dispose();
  }
}
