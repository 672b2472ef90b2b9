import { setTimeout as delay } from "node:timers/promises";
import type { NodeSSH } from "node-ssh";
import { UserError } from "../host/userError";
import { prepareCloudGuest } from "./cloudGuest";
import { consoleTail } from "./console";
import type { Driver } from "./driver";
import { dockerIsOff, GuestError, waitForDocker } from "./guest";
import { keepOffHost } from "./hostLoopback";
import { machineFiles } from "./paths";
import { type Progress, waiting } from "./progress";
import { openSession, sshTarget } from "./ssh/session";
import type { MachineRecord } from "./store";
import { unlockSwarm } from "./swarm/unlock";

/** Emulated on a busy host a boot takes some minutes; `VMCLUSTER_BOOT_MINUTES` gives it another time. */
const bootMs = 60_000 * (Number(process.env.VMCLUSTER_BOOT_MINUTES) || 15);

/** One that has been up and lets nobody in hangs. */
const knownMs = 90_000;

/** What comes at most on top of the time that the guest counts itself. */
const answerMs = 30_000;

/**
 * Waits until the machine no longer runs, and returns how that is called; or undefined when `signal` aborts. Asking a driver may
 * cost a process, which a busy host feels, so no more than a fifth of the time is spent on it.
 */
async function untilEnded(name: string, driver: Driver, signal: AbortSignal): Promise<string | undefined> {
  while (!signal.aborted) {
    const asked = Date.now();
    // What cannot be told is no end: the wait has a time-out of its own.
    const state = await driver.state(name).catch(() => "running");
    if (signal.aborted) return undefined;
    if (state !== "running") {
      const trouble = await driver.trouble(name).catch(() => undefined);
      return `${state === "paused" ? "was paused" : "stopped"}${trouble === undefined ? "" : ` (${trouble})`}`;
    }
    await delay(Math.max(1000, 4 * (Date.now() - asked)), undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

/** Rejects when the signal aborts, whatever becomes of the work: SSH notices only after minutes that the other end hangs. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => undefined);
  signal.throwIfAborted();
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(new Error("it no longer answers"));
    signal.addEventListener("abort", abort, { once: true });
  });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener("abort", abort));
}

/** What is done in a guest that lets us in. */
async function settle(
  machine: MachineRecord,
  session: NodeSSH,
  timeoutMs: number,
  progress: Progress,
): Promise<void> {
  await waiting("waiting for Docker", progress, waitForDocker(session, timeoutMs, progress));
  if (machine.spec.driver !== "generic") await keepOffHost(session, machine.spec.name);
  await unlockSwarm(machine, session, progress);
}

/**
 * Returns a session when the machine answers SSH and its Docker works; the caller disposes of it.
 *
 * @param patienceMs for each of the two; default: a minute and a half for one that has been up before, else the time of a boot
 * @throws UserError with the last lines of the console if it does not come up or ends
 */
export async function waitUntilUp(
  machine: MachineRecord,
  driver: Driver,
  progress: Progress,
  patienceMs?: number,
): Promise<NodeSSH> {
  const { name } = machine.spec;
  const instance = (await driver.hardware(name))?.instance;
  const stop = new AbortController();
  const known = instance !== undefined && machine.answered === instance;
  const timeoutMs = patienceMs ?? (known ? knownMs : bootMs);
  let ended: string | undefined;
  let timer = setTimeout(() => stop.abort(), timeoutMs);
  const over = new AbortController();
  void untilEnded(name, driver, over.signal).then((how) => {
    ended = how;
    if (how !== undefined) stop.abort();
  });
  let what = known ? "waiting for SSH" : "booting, waiting for SSH";
  let session: NodeSSH | undefined;
  try {
    session = await waiting(what, progress, openSession(sshTarget(machine), stop.signal));
    if (machine.phase === "creating" && machine.spec.image !== undefined) {
      await prepareCloudGuest(session, name, progress);
    }
    what = "waiting for Docker";
    // The guest itself gives up after this time; one that hangs from now on does not even that.
    clearTimeout(timer);
    timer = setTimeout(() => stop.abort(), timeoutMs + Math.min(timeoutMs, answerMs));
    await unlessAborted(settle(machine, session, timeoutMs, progress), stop.signal);
    return session;
  } catch (error) {
    // Left open, it would keep this process from ending.
    session?.dispose();
    if (error instanceof UserError) throw error;
    if (error instanceof GuestError && error.code === dockerIsOff) throw noDocker(name, error);
    if (known && ended === undefined && stop.signal.aborted) throw hangs(name, what, timeoutMs);
    const cause = error instanceof GuestError || stop.signal.aborted ? "" : `: ${(error as Error).message}`;
    throw new UserError(
      ended !== undefined
        ? `machine "${name}" ${ended} while it was ${what}`
        : `machine "${name}" did not come up within ${timeoutMs / 60_000} minutes (${what})${cause}`,
      `the last lines of its console:\n${consoleTail(machineFiles(name).console, 15)}`,
      `look at all of it (vmcluster machine logs ${name}); then try again, or make it anew: vmcluster machine rm ${name}`,
    );
  } finally {
    clearTimeout(timer);
    over.abort();
  }
}

const noDocker = (name: string, { output }: GuestError): UserError =>
  new UserError(
    `machine "${name}": its Docker is off and does not start`,
    output.trim().replace(/\n/g, "\n  "),
    `look at it: vmcluster machine ssh ${name} -- systemctl status docker`,
  );

const hangs = (name: string, what: string, ms: number): UserError =>
  new UserError(
    `machine "${name}" runs, but did not answer within ${ms / 1000} s (${what})`,
    "it was up before: it hangs, or this host is overloaded",
    `try again; or restart it, as if unplugged: vmcluster machine restart -f ${name}`,
  );
