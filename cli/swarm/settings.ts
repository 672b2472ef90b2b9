/** What a cluster's swarm and its nodes are set to, asked while a program runs, in previews too. */
import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { noneLeads } from "../../host/swarmTrouble";
import { UserError } from "../../host/userError";
import { driverOf } from "../../machine/drivers";
import { clusterFiles } from "../../machine/paths";
import { listMachines, managersOf } from "../../machine/store";
import { setOptionsOf, swarmAnswer } from "../../machine/swarm/options";
import type { NodeSettings, SettingsAnswer } from "../../machine/swarm/settings";
import { askDocker, type DockerState } from "../machine/docker";
import type { ApiNode } from "./api";
import { clusterOfStore } from "./clusters";
import { connect } from "./connect";
import type { Cluster, Swarm } from "./swarm";

export const settingsQuestion = z.strictObject({ cluster: z.string() });

/** A preview should not wait longer; an emulated machine on a busy host takes ten for the first answer. */
const timeoutMs = 20_000;

/** Managers that have lost their leader choose another in a few seconds, on a busy host in some more. */
const electionMs = 30_000;
const pauseMs = 2000;

/** Whether one of its managers runs, as far as can be seen without asking it. */
async function runs(cluster: string): Promise<boolean> {
  for (const { spec } of managersOf(cluster))
    if ((await driverOf(spec.driver).state(spec.name)) === "running") return true;
  return false;
}

const settingsOf = ({ Spec }: ApiNode): NodeSettings => ({
  role: Spec.Role,
  availability: Spec.Availability,
  labels: Spec.Labels ?? {},
});

/** A machine that is up answers at once over a kept connection. */
const machineMs = 15_000;

/**
 * What is wrong with nodes that the swarm does not call ready though their machines run. Each machine is asked itself: one that has just started, or
 * is cut off from the others, is down too and needs no repair.
 */
async function troublesOf(cluster: string, nodes: readonly ApiNode[]): Promise<Map<string, string>> {
  // After another leader was chosen it is `unknown` for a minute.
  const away = new Set(nodes.filter(({ Status }) => Status.State !== "ready").map(({ ID }) => ID));
  const machines = listMachines().filter(
    ({ spec, phase, swarm }) =>
      spec.cluster === cluster && phase === "ready" && away.has(swarm?.nodeId ?? ""),
  );
  const asked = machines.map(async ({ spec: { name, driver }, swarm }): Promise<[string, string][]> => {
    if ((await driverOf(driver).state(name)) !== "running") return [];
    const trouble = nodeTrouble(await askDocker(name, machineMs));
    return trouble === undefined ? [] : [[swarm?.nodeId ?? "", trouble]];
  });
  return new Map((await Promise.all(asked)).flat());
}

/** Of a node that its swarm calls down. */
export function nodeTrouble({ docker, swarm, error }: DockerState): string | undefined {
  if (docker === "") return error;
  return swarm === "" ? "left the swarm" : undefined;
}

/** Never fails for what the swarm does: what is wrong with it is part of the answer. */
export async function swarmSettings({ cluster }: z.infer<typeof settingsQuestion>): Promise<SettingsAnswer> {
  if (!existsSync(clusterFiles(cluster).sshConfig) || !(await runs(cluster))) return {};
  return untilElected(() => settingsFrom(clusterOfStore(cluster)));
}

/** Asks again as long as a leader may be being chosen. */
export async function untilElected(
  ask: () => Promise<SettingsAnswer>,
  limitMs = electionMs,
): Promise<SettingsAnswer> {
  const end = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer.leaderless === undefined || Date.now() > end) return answer;
    await delay(pauseMs);
  }
}

async function settingsFrom(cluster: Cluster): Promise<SettingsAnswer> {
  let swarm: Swarm | undefined;
  try {
    // A manager that hangs is asked beside the others: by the cluster's name it would take all the time.
    swarm = await connect(cluster, timeoutMs);
    // One after the other: the second is asked on the connection of the first.
    const options = setOptionsOf(swarmAnswer.pick({ Spec: true }).parse(await swarm.get("/swarm")));
    const nodes = await swarm.nodes();
    const troubles = await troublesOf(cluster.name, nodes);
    const all = nodes.map((node) => {
      const trouble = troubles.get(node.ID);
      return [node.ID, { ...settingsOf(node), ...(trouble !== undefined && { trouble }) }];
    });
    return { settings: { options, nodes: Object.fromEntries(all) } };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const refusals = (error.why?.split("\n") ?? []).map((line) => line.trim());
    if (noneLeads(refusals)) return { leaderless: refusals.join("; ") };
    return { silent: [error.what, ...refusals].join("; ") };
  } finally {
    swarm?.close();
  }
}
