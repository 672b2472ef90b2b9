/** Free disk and memory of a swarm's nodes: no manager knows it, so each node is asked, over the connection that is kept to its machine. */
import { existsSync } from "node:fs";
import { machineFiles } from "../../machine/paths";
import { askFree } from "../machine/docker";
import { type Free, nothingKnown } from "../machine/free";
import type { ApiNode } from "./api";
import type { Swarm } from "./swarm";
import { addressOf, isDown } from "./words";

export interface NodeFree {
  /** `not asked`: it is down, or no machine of this host's store. */
  readonly free: "known" | "no answer" | "not asked";
  /** Bytes, as the node's memory; `null` unless they are known. */
  readonly diskSize: number | null;
  readonly diskFree: number | null;
  readonly memoryFree: number | null;
}

type Answer = NodeFree & Pick<Free, "shortage">;

/** A node may hang that the swarm still takes for ready: it holds the others no longer than this. */
const limitMs = 10_000;

/** `status --watch` looks every few seconds; a command over ssh each time would be work for an emulated CPU. */
const freshMs = 30_000;
type Told = Map<string, { readonly time: number; readonly found: Free }>;
const lately = new WeakMap<Swarm, Told>();

/** What it told lately, or tells now. */
async function freeOf(swarm: Swarm, name: string, signal: AbortSignal): Promise<Free | undefined> {
  const told: Told = lately.get(swarm) ?? new Map();
  lately.set(swarm, told);
  const last = told.get(name);
  if (last !== undefined && Date.now() - last.time < freshMs) return last.found;
  const found = await askFree(name, Math.min(swarm.timeoutMs, limitMs), signal);
  if (found !== undefined) told.set(name, { time: Date.now(), found });
  return found;
}

const inBytes = (mib: number | null): number | null => (mib === null ? null : mib * 2 ** 20);

const answerOf = (state: NodeFree["free"], found: Free = nothingKnown): Answer => ({
  free: state,
  diskSize: inBytes(found.diskSize),
  diskFree: inBytes(found.diskFree),
  memoryFree: inBytes(found.memoryFree),
  shortage: found.shortage,
});

/** Asks all at once, beside the swarm; `of` waits for those that are ready, and `stop` for none. */
export function nodesFree(swarm: Swarm): {
  of(nodes: readonly ApiNode[]): Promise<(id: string) => Answer>;
  stop(): void;
} {
  const stop = new AbortController();
  const members = swarm.cluster.members
    .filter(({ name }) => existsSync(machineFiles(name).sshConfig))
    .map(({ name, privateAddress }) => ({
      name,
      privateAddress,
      answer: freeOf(swarm, name, stop.signal),
    }));
  // One is not waited for before the swarm has told that it is ready.
  for (const { answer } of members) answer.catch(() => undefined);
  return {
    async of(nodes) {
      const known = new Map(
        await Promise.all(
          nodes.map(async (node): Promise<[string, Answer]> => {
            const { Hostname } = node.Description;
            const member =
              members.find(({ privateAddress }) => privateAddress === addressOf(node)) ??
              members.find(({ name }) => name === Hostname);
            if (member === undefined || isDown(node)) return [node.ID, answerOf("not asked")];
            const found = await member.answer;
            return [node.ID, answerOf(found === undefined ? "no answer" : "known", found)];
          }),
        ),
      );
      stop.abort();
      return (id) => known.get(id) ?? answerOf("not asked");
    },
    stop: () => stop.abort(),
  };
}
