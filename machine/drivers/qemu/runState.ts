/** What QEMU says of the guest: `RunState` of https://www.qemu.org/docs/master/interop/qemu-qmp-ref.html */
import { z } from "zod";
import { qmp } from "./qmp";

const answer = z.object({ status: z.string() });

/** QEMU answers one client at a time; one that is busy with another of ours runs. */
const askMs = 2000;

/** `running` also if it does not tell in time. */
export async function runState(socket: string): Promise<string> {
  const [value] = await qmp(socket, [{ execute: "query-status" }], askMs).catch(() => []);
  return answer.safeParse(value).data?.status ?? "running";
}

const halts: Readonly<Record<string, string>> = {
  "io-error": "its disk on this host cannot be written: is the host's disk full?",
  "internal-error": "QEMU could not go on with it: internal-error",
  "guest-panicked": "its kernel panicked",
  paused: "somebody paused it",
};

/** Why a guest in this run state goes no further; undefined if it does. */
export const haltOf = (status: string): string | undefined => halts[status];
