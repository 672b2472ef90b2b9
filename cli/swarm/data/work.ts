/** What `backup` and `restore` have in common. */
import { join } from "node:path";
import { Transform } from "node:stream";
import { home } from "../../../host/home";
import { withLock } from "../../../host/lock";
import { UserError } from "../../../host/userError";
import { tellTransfer } from "../../../machine/image/pull/transfer";
import { onSwarm } from "../connect";
import type { SwarmFlags } from "../flags";
import { untilInterrupted } from "../interrupt";
import { serviceNamed } from "../names";
import type { Swarm } from "../swarm";
import type { Say } from "../update";

export interface DataFlags extends SwarmFlags {
  readonly output?: string;
  /** Copy while the tasks run. */
  readonly live?: boolean;
  readonly mount?: string;
}

/** Tells how many bytes have gone through. */
export function counting(say: Say, size: number | undefined): Transform {
  let done = 0;
  const tell = tellTransfer(say, 0, size);
  return new Transform({
    transform: (chunk: Buffer, _encoding, pass) => {
      done += chunk.length;
      tell(done);
      pass(null, chunk);
    },
  });
}

/** One at a time for a service; Ctrl-C aborts the signal, and the action undoes what it must. */
export async function onData<T>(
  flags: SwarmFlags,
  name: string,
  action: (swarm: Swarm, options: { readonly say: Say; readonly signal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const say = (line: string): void => void process.stderr.write(`${name}: ${line}\n`);
  return onSwarm(flags, async (swarm) => {
    // However it is named, and whatever the swarm is called.
    const { ID } = serviceNamed(await swarm.services(), name);
    const waits = (): void => say("waiting for another backup or restore of it");
    return withLock(join(home(), "locks", `data-${ID}`), waits, () =>
      untilInterrupted(async (signal) => {
        try {
          return await action(swarm, { say, signal });
        } catch (error) {
          if (!signal.aborted || error instanceof UserError) throw error;
          throw new UserError("interrupted", "the data is as it was, and so are the tasks");
        }
      }),
    );
  });
}
