/** What a cluster's swarm and its nodes are set to, asked while a program runs, in previews too. */
import { existsSync } from "node:fs";
import { z } from "zod";
import { UserError } from "../../host/userError";
import { driverOf } from "../../machine/drivers";
import { clusterFiles } from "../../machine/paths";
import { managersOf } from "../../machine/store";
import { setOptionsOf, swarmAnswer } from "../../machine/swarm/options";
import type { NodeSettings, SettingsAnswer } from "../../machine/swarm/settings";
import type { ApiNode } from "./api";
import { Swarm } from "./swarm";

export const settingsQuestion = z.strictObject({ cluster: z.string() });

/** A preview should not wait longer; an emulated machine on a busy host takes ten for the first answer. */
const timeoutMs = 20_000;

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

/** Never fails for what the swarm does: a plan can be made without the answer. */
export async function swarmSettings({ cluster }: z.infer<typeof settingsQuestion>): Promise<SettingsAnswer> {
  const { sshConfig } = clusterFiles(cluster);
  if (!existsSync(sshConfig) || !(await runs(cluster))) return {};
  const host = { user: undefined, host: cluster, port: undefined, socket: undefined };
  const manager = { name: cluster, daemon: { kind: "ssh" as const, ...host, options: ["-F", sshConfig] } };
  const swarm = new Swarm({ name: cluster, managers: [manager], members: [manager] }, manager, timeoutMs);
  try {
    // One after the other: the second is asked on the connection of the first.
    const options = setOptionsOf(swarmAnswer.pick({ Spec: true }).parse(await swarm.get("/swarm")));
    const nodes = await swarm.nodes();
    return {
      settings: { options, nodes: Object.fromEntries(nodes.map((node) => [node.ID, settingsOf(node)])) },
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const [reason = ""] = `${error.what}${error.why === undefined ? "" : `; ${error.why}`}`.split("\n");
    return { silent: reason };
  } finally {
    swarm.close();
  }
}
