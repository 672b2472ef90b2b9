/** `status`: nodes, services, troubled tasks and addresses in one screen. */
import { setTimeout as delay } from "node:timers/promises";
import pc from "picocolors";
import { UserError } from "../../host/userError";
import { wantsColor } from "../display/screen";
import { onSwarm } from "./connect";
import type { SwarmFlags } from "./flags";
import { onFullScreen } from "./fullScreen";
import { type Health, healthOf } from "./health";
import { healthLines } from "./healthScreen";
import { untilInterrupted } from "./interrupt";
import { print } from "./print";
import type { Swarm } from "./swarm";
import { outputUrls } from "./urls";

const usualSeconds = 5;

const colorsOf = (flags: SwarmFlags): ReturnType<typeof pc.createColors> =>
  pc.createColors(wantsColor(flags.color ?? "auto", process.stdout));

export async function status(flags: SwarmFlags): Promise<number> {
  if (flags.watch === undefined) {
    const health = await onSwarm(flags, (swarm) => look(flags, swarm));
    print(
      flags.format === "json"
        ? `${JSON.stringify(health, undefined, 2)}\n`
        : `${healthLines(health, colorsOf(flags)).join("\n")}\n`,
    );
    return health.healthy ? 0 : 1;
  }
  const seconds = flags.watch === true ? usualSeconds : flags.watch;
  const redrawn =
    flags.format !== "json" &&
    flags.nonInteractive !== true &&
    process.stdout.isTTY === true &&
    process.env.TERM !== "dumb";
  return redrawn ? watchOnScreen(flags, seconds) : watchInLines(flags, seconds);
}

const look = async (flags: SwarmFlags, swarm: Swarm): Promise<Health> =>
  healthOf(swarm, await outputUrls(flags));

type Seen = Health | UserError;

/** Looks again and again, on one connection as long as it lasts; another manager may be the one after that. */
async function watch(
  flags: SwarmFlags,
  seconds: number,
  signal: AbortSignal,
  show: (seen: Seen) => void,
): Promise<number> {
  let healthy = false;
  const see = (seen: Seen): void => {
    if (signal.aborted) return;
    healthy = !(seen instanceof UserError) && seen.healthy;
    show(seen);
  };
  const pause = (): Promise<unknown> => delay(seconds * 1000, undefined, { signal }).catch(() => undefined);
  const stopped = new Promise<void>((done) => signal.addEventListener("abort", () => done(), { once: true }));
  const looking = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        await onSwarm(flags, async (swarm) => {
          while (!signal.aborted) {
            see(await look(flags, swarm));
            await pause();
          }
        });
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        see(error);
        await pause();
      }
    }
  };
  // A look that is under way when `q` is pressed is not waited for.
  await Promise.race([looking(), stopped]);
  return healthy ? 0 : 1;
}

async function watchOnScreen(flags: SwarmFlags, seconds: number): Promise<number> {
  const colors = colorsOf(flags);
  const code = await onFullScreen(({ draw }, signal) => {
    draw(["Looking at the swarm …"]);
    return watch(flags, seconds, signal, (seen) => {
      const lines =
        seen instanceof UserError
          ? [`${colors.red("error:")} ${seen.message}`.split("\n"), ""].flat()
          : healthLines(seen, colors);
      const again = `${new Date().toLocaleTimeString()}  every ${seconds} s; q ends`;
      draw([...lines, "", colors.dim(again)]);
    });
  });
  return ended(code);
}

async function watchInLines(flags: SwarmFlags, seconds: number): Promise<number> {
  const code = await untilInterrupted((signal) =>
    watch(flags, seconds, signal, (seen) => {
      if (seen instanceof UserError) process.stderr.write(`error: ${seen.message}\n`);
      else if (flags.format === "json") print(`${JSON.stringify(seen)}\n`);
      else print(`${healthLines(seen, colorsOf(flags)).join("\n")}\n\n`);
    }),
  );
  return ended(code);
}

/** A request that nobody waits for any more would keep the process until its time is over. */
function ended(code: number): number {
  setTimeout(() => process.exit(code), 100).unref();
  process.exitCode = code;
  return code;
}
