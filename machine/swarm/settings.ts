/** What a swarm and its nodes are set to now, against what a program says of them. Pure: what was seen comes in as values. */
import type { SetOptions } from "./options";

/** What a manager tells of a node. */
export interface NodeSettings {
  readonly role: string;
  readonly availability: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What keeps it from the swarm, which the machine itself was asked: `left the swarm`. */
  readonly trouble?: string;
}

/** What a program says of a node. */
export interface WantedNode {
  readonly role: string;
  /** Undefined: whatever it has. */
  readonly availability: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

export interface SwarmSettings {
  readonly options: SetOptions;
  /** By node ID. */
  readonly nodes: Readonly<Record<string, NodeSettings>>;
}

/** What `machine swarm-settings` prints: nothing if there is no swarm to be asked, or all of its managers are off. */
export interface SettingsAnswer {
  readonly settings?: SwarmSettings;
  /** Why a swarm that should answer does not. */
  readonly silent?: string;
  /** All of its managers answer, and have no leader: whatever a plan does to it fails. What each says. */
  readonly leaderless?: string;
}

/** Each difference that `swarm-node` puts right: `availability active, wanted drain`. Only what the program says is compared. */
export function nodeDifferences(wanted: WantedNode, is: NodeSettings | undefined): string[] {
  if (is === undefined) return ["not in the swarm"];
  const { role, availability = is.availability, labels } = wanted;
  const found: string[] = is.trouble === undefined ? [] : [is.trouble];
  if (role !== is.role) found.push(`role ${is.role}, wanted ${role}`);
  if (availability !== is.availability) found.push(`availability ${is.availability}, wanted ${availability}`);
  for (const [label, value] of Object.entries(labels)) {
    const has = is.labels[label];
    if (has !== value)
      found.push(
        `label ${label} ${has === undefined ? "missing" : JSON.stringify(has)}, wanted ${JSON.stringify(value)}`,
      );
  }
  return found;
}
