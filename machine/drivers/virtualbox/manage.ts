/** The one place where VBoxManage is called: argument lists, time-outs, retries, failures as {@link VBoxManageError}. */
import { setTimeout as delay } from "node:timers/promises";
import { RunError, run } from "../../../host/run";
import { failureOf, isPassing, VBoxManageError } from "./failure";
import { requireVBoxManage } from "./program";

/** Pauses before it is tried again, ms: a VM that ends keeps its lock for a second or two, on a slow host for longer. */
const pauses = [200, 400, 800, 1500, 3000, 5000, 8000];

/** Long enough for the copy of a disk on a slow host; a call that hangs for ever is ended. */
const timeoutMs = 30 * 60_000;
/** The same of calls that only look: its server may hang, and who asks for the state waits for the answer. */
const lookMs = 5 * 60_000;
const looks = ["showvminfo", "list", "getextradata", "guestproperty", "--version"];

export interface Attempt {
  /** Calls VBoxManage once. */
  readonly call: (args: readonly string[]) => Promise<string>;
  readonly pause: (ms: number) => Promise<unknown>;
}

const real: Attempt = {
  call: async (args) => {
    // Its messages are translated otherwise, and we read them.
    const env = { LC_ALL: "C", LANG: "C", LANGUAGE: "C" };
    if (process.env.VMCLUSTER_DEBUG === "1") process.stderr.write(`VBoxManage ${args.join(" ")}\n`);
    const { stdout } = await run(requireVBoxManage(), args, {
      timeoutMs: looks.includes(args[0] ?? "") ? lookMs : timeoutMs,
      env,
    });
    return stdout;
  },
  pause: delay,
};

/**
 * Runs VBoxManage and returns what it printed. Failures that pass by themselves are tried again, longer each time, for
 * twenty seconds in all.
 */
export async function manage(args: readonly string[], { call, pause }: Attempt = real): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await call(args);
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      const failure = failureOf(error);
      const wait = pauses[attempt];
      if (wait === undefined || !isPassing(failure)) throw new VBoxManageError(args, failure);
      await pause(wait);
    }
  }
}
