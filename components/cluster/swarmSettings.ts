import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { nextCondition, ok } from "../../machine/condition";
import type { MachineStatus } from "../../machine/result";
import {
  nodeDifferences,
  type SettingsAnswer,
  type SwarmSettings,
  type WantedNode,
} from "../../machine/swarm/settings";
import { machineCommand } from "../machineCommand";

/**
 * Asks a manager of a cluster's swarm what that and its nodes are set to, in previews too: what somebody changed by hand is a difference. A
 * swarm that does not answer is a warning: it is compared the next time. One that has lost its leader fails the program.
 */
export async function swarmSettings(
  cluster: string,
  resource: pulumi.Resource,
): Promise<SwarmSettings | undefined> {
  const { stdout } = await command.local.run({
    interpreter: machineCommand("machine"),
    command: "swarm-settings",
    stdin: JSON.stringify({ cluster }),
    logging: command.local.Logging.None,
  });
  const { settings, silent, leaderless } = JSON.parse(stdout) as SettingsAnswer;
  if (leaderless !== undefined)
    throw new pulumi.RunError(
      `the swarm of the cluster ${cluster} has no leader, so nothing of it can be changed: ${leaderless}. More than half of its managers must run and reach each other; vmcluster machine ls shows the machines`,
    );
  if (silent !== undefined)
    await pulumi.log.warn(
      `what the swarm and its nodes are set to is not compared with the program: ${silent}`,
      resource,
    );
  return settings;
}

export interface Condition {
  /** What the last repair was given; undefined: there was none. */
  readonly recorded: string | undefined;
  /** Differences that the command puts right. */
  readonly found: readonly string[];
}

/** @param place the machine's in its swarm; of one that has not joined yet there is nothing to compare */
export const nodeCondition = (
  wanted: WantedNode,
  asIs: SwarmSettings | undefined,
  place: MachineStatus["swarm"],
): Condition => ({
  recorded: place?.condition,
  found:
    asIs === undefined || place?.nodeId === undefined
      ? []
      : nodeDifferences(wanted, asIs.nodes[place.nodeId]),
});

/** For the command that repairs; without any repair so far there is none, so that nothing is added to its inputs. */
export function conditionVariable(
  condition: pulumi.Output<Condition>,
): pulumi.Output<Record<string, string>> {
  // Pulumi leaves out an input that turns out undefined; its types do not say so.
  return condition.apply(({ recorded = ok, found }): Record<string, string> => {
    const next = nextCondition(recorded, found);
    return (next === ok ? undefined : { VMCLUSTER_CONDITION: next }) as Record<string, string>;
  });
}
