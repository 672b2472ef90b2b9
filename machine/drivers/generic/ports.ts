/** Whether what a swarm's nodes say to each other passes: https://docs.docker.com/engine/swarm/swarm-tutorial/#open-protocols-and-ports-between-the-hosts */
import { setTimeout as delay } from "node:timers/promises";
import type { NodeSSH } from "node-ssh";
import { UserError } from "../../../host/userError";
import { counted, counterScript, listenPrograms, listenScript, sendScript } from "./portScripts";
import { asUser, scriptText } from "./script";

/** In the words of the scripts. 2377 is the managers'. */
const swarmPorts = ["tcp/2377", "tcp/7946", "udp/7946", "udp/4789"] as const;

export type SwarmPort = (typeof swarmPorts)[number];

/** A node that is logged in to. */
export interface Peer {
  readonly name: string;
  readonly privateAddress: string;
  readonly session: NodeSSH;
}

/** Ports that do not pass from one node to another. */
export interface Blocked {
  readonly from: string;
  readonly to: string;
  readonly address: string;
  readonly ports: readonly SwarmPort[];
}

interface Listener {
  readonly lines: () => string[];
  readonly ready: boolean;
  readonly end: () => Promise<void>;
}

const words = (lines: readonly string[], key: string): string[] =>
  lines.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));

async function listen(peer: Peer, ports: readonly SwarmPort[]): Promise<Listener> {
  let output = "";
  const lines = (): string[] => output.split("\n").map((line) => line.trim());
  const values = { address: peer.privateAddress, ports: ports.join(" "), ...listenPrograms };
  let over = false;
  const ended = peer.session
    .execCommand("sh -s", {
      stdin: scriptText(listenScript, values),
      onStdout: (chunk) => {
        output += chunk.toString();
      },
    })
    .catch(() => undefined)
    .then(() => {
      over = true;
    });
  while (!over && !lines().includes("ready")) await delay(50);
  const end = async (): Promise<void> => {
    const [pid] = words(lines(), "pid");
    if (!over && pid !== undefined && /^\d+$/.test(pid)) {
      await asUser(peer.session, `kill ${pid} 2>/dev/null || true`);
    }
    await ended;
  };
  return { lines, ready: lines().includes("ready"), end };
}

const counter = async (peer: Peer): Promise<number> => Number(await asUser(peer.session, counterScript));

/** How long the last packets may be on their way. */
const settleMs = 4000;

/** Which of the swarm's ports do not pass; undefined if the hosts have nothing to find out with. */
export async function blockedFrom(from: Peer, to: Peer): Promise<SwarmPort[] | undefined> {
  const listener = await listen(to, swarmPorts);
  try {
    if (!listener.ready) return undefined;
    const busy = words(listener.lines(), "busy");
    const before = busy.some((port) => port.startsWith("udp")) ? await counter(to) : 0;
    const sent: string[] = [];
    const passed = new Set<string>();
    // One after the other, as the counter is one for all ports.
    const rounds = [
      swarmPorts.filter((port) => !(busy.includes(port) && port.startsWith("udp"))),
      ...busy.filter((port) => port.startsWith("udp")).map((port) => [port]),
    ];
    let last = before;
    for (const [index, ports] of rounds.entries()) {
      const times = index === 0 ? "5" : String(counted);
      const answer = await asUser(from.session, sendScript, {
        address: to.privateAddress,
        ports: ports.join(" "),
        times,
      });
      if (answer.trim() === "none") return undefined;
      sent.push(...words(answer.split("\n"), "sent"));
      if (index === 0) continue;
      await delay(settleMs);
      const now = await counter(to);
      if (now - last >= counted * 0.8) for (const port of ports) passed.add(port);
      last = now;
    }
    const end = Date.now() + settleMs;
    const open = swarmPorts.filter((port) => !busy.includes(port));
    while (Date.now() < end && open.some((port) => !words(listener.lines(), "got").includes(port))) {
      await delay(50);
    }
    for (const port of words(listener.lines(), "got")) passed.add(port);
    // A swarm that runs already takes the connection itself.
    for (const port of sent) if (busy.includes(port)) passed.add(port);
    return swarmPorts.filter((port) => !passed.has(port));
  } finally {
    await listener.end();
  }
}

/** `4789/udp`, as people write it. */
const portName = (port: SwarmPort): string => port.split("/").reverse().join("/");

/**
 * 2377 matters towards managers only, and which node will be one is not known here: it must pass in one direction at least.
 * What is left out of the first list is in the second, to be told.
 */
export function judge(found: readonly Blocked[]): { wrong: Blocked[]; minor: Blocked[] } {
  const both = found.length > 1 && found.every(({ ports }) => ports.includes("tcp/2377"));
  const isMinor = (port: SwarmPort): boolean => port === "tcp/2377" && !both;
  const part = (keep: (port: SwarmPort) => boolean): Blocked[] =>
    found.map((one) => ({ ...one, ports: one.ports.filter(keep) })).filter(({ ports }) => ports.length > 0);
  return { wrong: part((port) => !isMinor(port)), minor: part(isMinor) };
}

const told = ({ from, to, address, ports }: Blocked): string =>
  `from ${from} to ${to} (${address}): ${ports.map(portName).join(", ")}`;

export const minorText = (blocked: Blocked): string =>
  `${told(blocked)} does not pass, so ${blocked.to} cannot be the swarm's manager`;

/** Names what does not pass, and how it is let through. */
export function blockedError(name: string, wrong: readonly Blocked[]): UserError {
  const ports = [...new Set(wrong.flatMap((one) => one.ports))];
  const ufw = ports.map((port) => `ufw allow ${portName(port)}`).join("; ");
  const firewalld = ports.map((port) => `--add-port=${portName(port)}`).join(" ");
  return new UserError(
    `machine "${name}": not all that a swarm's nodes say to each other passes`,
    wrong.map(told).join("\n  "),
    `open these in the firewall of the host they go to (${ufw}; or firewall-cmd --permanent ${firewalld} and firewall-cmd --reload), in a cloud in its security group, then try again`,
  );
}
