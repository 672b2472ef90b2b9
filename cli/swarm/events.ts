/** `events`: what happened to nodes, services and containers. */
import { createInterface } from "node:readline";
import { UserError } from "../../host/userError";
import { onSwarm } from "./connect";
import type { SwarmFlags } from "./flags";
import { untilInterrupted } from "./interrupt";
import { print } from "./print";
import { type Member, orCutOff, Swarm } from "./swarm";
import { timeOf } from "./time";

interface ApiEvent {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes?: Readonly<Record<string, string>> };
  readonly time: number;
  readonly timeNano?: number;
}

export interface SwarmEvent {
  readonly time: string;
  readonly type: string;
  readonly action: string;
  /** Of the node, the service, or of a container its task. */
  readonly name: string;
  /** On which a container is; empty of others. */
  readonly node: string;
  readonly id: string;
  /** What changed or went wrong: `replicas 2 => 3`, `exit code 1`. */
  readonly detail: string;
}

/** `replicas.old` and `replicas.new` as `replicas 2 => 3`. */
function changes(attributes: Readonly<Record<string, string>>): string[] {
  return Object.keys(attributes)
    .filter((key) => key.endsWith(".new"))
    .map((key) => key.slice(0, -".new".length))
    .map((key) => `${key} ${attributes[`${key}.old`] ?? "?"} => ${attributes[`${key}.new`]}`);
}

/** `web.2` of a task's container, whose own name has the task's ID too. */
const containerName = (attributes: Readonly<Record<string, string>>): string =>
  attributes["com.docker.swarm.task.name"]?.replace(/\.[^.]+$/, "") ?? attributes.name ?? "";

export function eventOf({ Type, Action, Actor, time, timeNano }: ApiEvent, node: string): SwarmEvent {
  const { Attributes = {}, ID } = Actor;
  const container = Type === "container";
  const { exitCode } = Attributes;
  return {
    time: new Date(timeNano === undefined ? time * 1000 : timeNano / 1e6).toISOString(),
    type: Type,
    action: Action,
    name: (container ? containerName(Attributes) : Attributes.name) || ID.slice(0, 12),
    node: container ? node : "",
    id: ID,
    detail: [...changes(Attributes), ...(exitCode === undefined ? [] : [`exit code ${exitCode}`])].join(", "),
  };
}

export const eventLine = ({ time, type, action, name, node, detail }: SwarmEvent): string =>
  [time, type.padEnd(9), name + (node === "" ? "" : `@${node}`), action, detail && `(${detail})`]
    .filter((part) => part !== "")
    .join("  ");

export interface EventOptions {
  readonly follow: boolean;
  readonly containers: boolean;
  /** Seconds since 1970. */
  readonly since: number | undefined;
}

/** One daemon's events, until now or until the signal. */
async function* eventsOf(
  swarm: Swarm,
  filters: Readonly<Record<string, readonly string[]>>,
  { follow, since }: EventOptions,
  signal: AbortSignal,
): AsyncGenerator<SwarmEvent> {
  const query = {
    filters: JSON.stringify(filters),
    ...(since === undefined ? {} : { since }),
    // A moment ahead: the daemon's clock may be.
    ...(follow ? {} : { until: Math.floor(Date.now() / 1000) }),
  };
  const body = await swarm.stream("/events", query, signal);
  try {
    for await (const line of createInterface({ input: body }))
      if (line.trim() !== "") yield eventOf(JSON.parse(line) as ApiEvent, swarm.manager.name);
  } catch (error) {
    if (!signal.aborted) throw orCutOff(swarm, error);
  }
}

const swarmScope = { type: ["node", "service"], scope: ["swarm"] };
const containerScope = { type: ["container"] };

/** Calls back with every event, in order unless they are followed. What a node does not tell is warned of. */
export async function eachEvent(
  swarm: Swarm,
  options: EventOptions,
  signal: AbortSignal,
  take: (event: SwarmEvent) => void,
  warn: (text: string) => void,
): Promise<void> {
  const before: SwarmEvent[] = [];
  const read = async (from: Swarm, filters: typeof swarmScope | typeof containerScope): Promise<void> => {
    for await (const event of eventsOf(from, filters, options, signal)) {
      // What is done inside of a container is no event of the cluster.
      if (event.action.startsWith("exec_")) continue;
      if (options.follow) take(event);
      else before.push(event);
    }
  };
  const ofContainers = async (member: Member): Promise<void> => {
    const node = new Swarm(swarm.cluster, member, swarm.timeoutMs);
    try {
      await read(node, containerScope);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      warn(`${member.name}: no events of its containers: ${(error.why ?? error.what).split("\n", 1)[0]}`);
    } finally {
      node.close();
    }
  };
  await Promise.all([
    read(swarm, swarmScope),
    ...(options.containers ? swarm.cluster.members.map(ofContainers) : []),
  ]);
  for (const event of before.sort((a, b) => a.time.localeCompare(b.time))) take(event);
}

/** How far `events` looks back without being told. */
const usualSince = "1h";

export async function events(flags: SwarmFlags): Promise<number> {
  const { follow = false } = flags;
  const since = flags.since ?? (follow ? undefined : usualSince);
  const options = {
    follow,
    containers: flags.all === true,
    since: since === undefined ? undefined : timeOf("--since", since),
  };
  let shown = 0;
  const take = (event: SwarmEvent): void => {
    shown++;
    print(`${flags.format === "json" ? JSON.stringify(event) : eventLine(event)}\n`);
  };
  return onSwarm(flags, (swarm) =>
    untilInterrupted(async (signal) => {
      const warn = (text: string): void => void process.stderr.write(`warning: ${text}\n`);
      await eachEvent(swarm, options, signal, take, warn);
      if (shown === 0 && !follow) process.stderr.write(`Nothing happened since ${since}.\n`);
      return 0;
    }),
  );
}
