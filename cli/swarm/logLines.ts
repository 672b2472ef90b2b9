/** The lines of a service's logs, with the task that each is of. */
import { UserError } from "../../host/userError";
import { type Frame, frames, lines } from "./frames";
import type { Meant } from "./names";
import { orCutOff, type Swarm } from "./swarm";
import { taskName } from "./words";

export interface LogLine {
  readonly service: string;
  /** `web.2` */
  readonly task: string;
  readonly node: string;
  readonly stream: "stdout" | "stderr";
  readonly time: string;
  readonly text: string;
}

export interface LogOptions {
  readonly follow: boolean;
  /** Seconds since 1970. */
  readonly since?: number;
  /** So many lines of each task; default all. */
  readonly tail?: number;
}

interface Attributed {
  readonly time: string;
  readonly task: string;
  readonly node: string;
  readonly text: string;
}

/** `TIME com.docker.swarm.node.id=…,com.docker.swarm.service.id=…,com.docker.swarm.task.id=… text`, as asked with `details` and `timestamps`. */
export function attributed(text: string): Attributed {
  const [, time = "", details = "", line = text] = /^(\S+) (\S+) ([\s\S]*)$/.exec(text) ?? [];
  const pairs = new Map(
    details.split(",").map((pair): [string, string] => {
      const at = pair.indexOf("=");
      return [pair.slice(0, at), decodeURIComponent(pair.slice(at + 1))];
    }),
  );
  return {
    time,
    task: pairs.get("com.docker.swarm.task.id") ?? "",
    node: pairs.get("com.docker.swarm.node.id") ?? "",
    text: line,
  };
}

/** Calls back with what is asked for the first time, and remembers. */
function named(swarm: Swarm, service: string): (id: string) => Promise<{ task: string; node: string }> {
  const known = new Map<string, { task: string; node: string }>();
  return async (id) => {
    const there = known.get(id);
    if (there !== undefined) return there;
    const [tasks, nodes] = await Promise.all([swarm.tasks([service]), swarm.nodes()]);
    for (const task of tasks) {
      const node =
        nodes.find(({ ID }) => ID === task.NodeID)?.Description.Hostname ?? task.NodeID?.slice(0, 12) ?? "";
      known.set(task.ID, { task: taskName(task, service, node), node });
    }
    const now = known.get(id) ?? { task: `${service}.${id.slice(0, 12)}`, node: "" };
    known.set(id, now);
    return now;
  };
}

/**
 * Ends with the logs, or with the signal if they are followed.
 *
 * @throws UserError if the daemon cannot give all, or nothing comes from it any more
 */
export async function* logLines(
  swarm: Swarm,
  { service, task }: Meant,
  options: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<LogLine> {
  const path = task === undefined ? `/services/${service.ID}/logs` : `/tasks/${task.ID}/logs`;
  const query = {
    stdout: 1,
    stderr: 1,
    details: 1,
    timestamps: 1,
    follow: options.follow ? 1 : 0,
    tail: options.tail ?? "all",
    ...(options.since === undefined ? {} : { since: options.since }),
  };
  const stop = new AbortController();
  const quiet = options.follow ? undefined : setTimeout(() => stop.abort(), swarm.timeoutMs);
  const end = (): void => stop.abort(signal.reason);
  signal.addEventListener("abort", end, { once: true });
  const nameOf = named(swarm, service.Spec.Name);
  const open = new Map<string, Attributed & Pick<LogLine, "stream">>();
  const told = async ({
    task: id,
    stream,
    time,
    text,
  }: Attributed & Pick<LogLine, "stream">): Promise<LogLine> => ({
    service: service.Spec.Name,
    ...(await nameOf(id)),
    stream,
    time,
    text: text.replace(/\r?\n$/, ""),
  });
  try {
    const body = await swarm.stream(path, query, stop.signal);
    const tty = service.Spec.TaskTemplate.ContainerSpec?.TTY === true;
    for await (const frame of tty ? lines(body) : frames(body)) {
      quiet?.refresh();
      if (frame.source === "error") throw incomplete(frame);
      const piece = attributed(frame.text);
      const key = `${piece.task} ${frame.source}`;
      const text = (open.get(key)?.text ?? "") + piece.text;
      const line = { ...piece, text, stream: frame.source };
      // The daemon cuts long lines into pieces, of which only the last ends as a line does.
      if (!text.endsWith("\n") && !tty) {
        open.set(key, line);
        continue;
      }
      open.delete(key);
      yield await told(line);
    }
    // The last thing that a program prints may be no whole line.
    for (const line of open.values()) yield await told(line);
  } catch (error) {
    if (signal.aborted) return;
    if (!stop.signal.aborted) throw orCutOff(swarm, error);
    throw new UserError(
      `nothing came of the logs for ${swarm.timeoutMs / 1000} s`,
      "a node whose tasks they are of may be down, or its daemon busy",
      "vmcluster nodes shows the nodes; vmcluster logs SERVICE.SLOT asks for one task only",
    );
  } finally {
    clearTimeout(quiet);
    signal.removeEventListener("abort", end);
  }
}

function incomplete({ text }: Frame): UserError {
  return new UserError(
    "the logs are not complete",
    text.replace(/\s+/g, " ").trim(),
    "vmcluster nodes shows which nodes are down; vmcluster logs SERVICE.SLOT asks for one task only",
  );
}
