/** A machine in a swarm that was made elsewhere: joined with that swarm's token, gone from it when it leaves. */
import { createHash } from "node:crypto";
import type { NodeSSH } from "node-ssh";
import { z } from "zod";
import { UserError } from "../../host/userError";
import { GuestError, inGuest } from "../guest";
import { machineNamed } from "../power";
import { type Progress, waiting } from "../progress";
import { type MachineRecord, readMachine } from "../store";
import { login, swarmInfoOf } from "./managers";
import { joinScript, rootScript } from "./scripts";

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
 * Joins unless the machine is in that swarm already; one that is in another swarm, as of an earlier program, leaves that first.
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
    if (there !== undefined) {
      if (isRootOf(spec.token, await inGuest(session, rootScript))) return there.NodeID;
      progress("leaving the swarm it was in");
    }
    return await join(machine, session, spec, progress);
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

async function join(
  { network }: MachineRecord,
  session: NodeSSH,
  { manager, token, availability }: MemberSpec,
  progress: Progress,
): Promise<string> {
  const request = {
    ListenAddr: `${network.privateAddress}:2377`,
    AdvertiseAddr: network.privateAddress,
    RemoteAddrs: [manager],
    JoinToken: token,
    ...(availability !== undefined && { Availability: availability }),
  };
  // With no certificate to compare with, a node that is in a swarm leaves it.
  const joined = inGuest(session, joinScript, `${JSON.stringify(request)}\n`);
  return (await waiting(`joining the swarm at ${manager}`, progress, joined)).trim();
}

/** Nothing to do if the machine is gone, or in that swarm no more. A manager leaves too. */
export async function quitElsewhere(
  { machine: name }: MemberSpec,
  nodeId: string,
  progress: Progress,
): Promise<void> {
  const machine = readMachine(name);
  const session = machine && (await login(machine));
  try {
    if (session === undefined || (await swarmInfoOf(session, machine as MachineRecord))?.NodeID !== nodeId)
      return;
    await waiting("leaving the swarm", progress, inGuest(session, "docker swarm leave --force"));
  } finally {
    session?.dispose();
  }
}
