import type { ChildProcess } from "node:child_process";
import type { Socket } from "node:net";

/**
 * How long the output of a program that has ended may pause before it is taken as whole. What the program wrote is in the pipes by then;
 * what may still come is of others that hold them.
 */
const quietMs = 200;
/** Others that write on without a pause are not listened to longer. */
const rounds = 10;

/**
 * Calls `done` once, when a program has ended and what it printed was read. Node's own `close` comes only when nobody holds the program's
 * pipes any more, and what it left behind may do so for minutes: ssh gives them to the process of its shared connection, which hangs when
 * the other machine does. Here they are closed soon after the program's own end.
 */
export function onceEnded(
  child: ChildProcess,
  done: (code: number | null, signal: NodeJS.Signals | null) => void,
): void {
  let over = false;
  const end = (code: number | null, signal: NodeJS.Signals | null): void => {
    if (over) return;
    over = true;
    abandon(child);
    done(code, signal);
  };
  child.once("close", end);
  child.once("exit", (code, signal) => {
    const pipes = [child.stdout, child.stderr].filter((pipe) => pipe !== null) as Socket[];
    const heard = (): number => pipes.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
    const wait = (left: number, before: number): void => {
      setTimeout(() => {
        // After the next look at the pipes: a busy process comes late to both.
        setImmediate(() => {
          if (over) return;
          // A reader that is slow to take what was printed has not had all yet.
          if (pipes.some((pipe) => pipe.isPaused())) return wait(left, heard());
          if (heard() === before || left === 0) return end(code, signal);
          wait(left - 1, heard());
        });
      }, quietMs);
    };
    wait(rounds, heard());
  });
}

/** Lets go of a program: its pipes, whoever else holds them, keep this process no longer. */
export function abandon(child: ChildProcess): void {
  for (const pipe of [child.stdin, child.stdout, child.stderr]) pipe?.destroy();
  child.unref();
}
