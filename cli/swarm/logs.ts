/** `logs`: what the tasks of a service print. */
import pc from "picocolors";
import { UserError } from "../../host/userError";
import { wantsColor } from "../display/screen";
import { onSwarm } from "./connect";
import type { SwarmFlags } from "./flags";
import { untilInterrupted } from "./interrupt";
import { type LogLine, logLines } from "./logLines";
import { meant } from "./names";
import { timeOf } from "./time";

type Colors = ReturnType<typeof pc.createColors>;

/** Lines as people read them: `web.2@myvm1 | text`, each task in a colour of its own. */
export function lineWriter(colors: Colors, timestamps: boolean): (line: LogLine) => string {
  const palette = [colors.cyan, colors.yellow, colors.green, colors.magenta, colors.blue, colors.red];
  const seen = new Map<string, number>();
  let width = 0;
  return ({ task, node, time, text }) => {
    const name = node === "" ? task : `${task}@${node}`;
    width = Math.max(width, name.length);
    const index = seen.get(name) ?? seen.size;
    seen.set(name, index);
    const paint = palette[index % palette.length] ?? String;
    return `${paint(`${name.padEnd(width)} |`)} ${timestamps ? `${time} ` : ""}${text}\n`;
  };
}

function tailOf(text: string | undefined): number | undefined {
  if (text === undefined || text === "all") return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new UserError(`--tail: ${JSON.stringify(text)} must be a number of lines, or all`);
}

export async function logs(flags: SwarmFlags, name: string): Promise<number> {
  const { follow = false, timestamps = false } = flags;
  const options = {
    follow,
    tail: tailOf(flags.tail),
    since: flags.since === undefined ? undefined : timeOf("--since", flags.since),
  };
  const write = lineWriter(pc.createColors(wantsColor(flags.color ?? "auto", process.stdout)), timestamps);
  return onSwarm(flags, async (swarm) => {
    const [services, nodes, tasks] = await Promise.all([swarm.services(), swarm.nodes(), swarm.tasks()]);
    const what = meant(name, { services, nodes, tasks });
    return untilInterrupted(async (signal) => {
      for await (const line of logLines(swarm, what, options, signal)) {
        if (flags.format === "json") process.stdout.write(`${JSON.stringify(line)}\n`);
        else (line.stream === "stderr" ? process.stderr : process.stdout).write(write(line));
      }
      if (follow && !signal.aborted) process.stderr.write("The logs have ended.\n");
      return 0;
    });
  });
}
