/** `rebalance`: new tasks for services whose tasks crowd on some nodes or do not come back, as after a node was away. */
import { UserError } from "../../host/userError";
import { table } from "../table";
import type { ApiService } from "./api";
import { onSwarm } from "./connect";
import type { SwarmFlags } from "./flags";
import { serviceNamed } from "./names";
import { print } from "./print";
import { counts } from "./services";
import { isUneven, seatsOf } from "./spread";
import type { Swarm } from "./swarm";
import { type Say, settled, update } from "./update";
import { modeOf } from "./words";

export interface Balance {
  readonly service: string;
  readonly uneven: boolean;
  /** Beside tasks that run some have ended with exit code 0, and its restart policy leaves it at that. */
  readonly incomplete: boolean;
  readonly rebalanced: boolean;
  /** Tasks by node, of the nodes that may run it. */
  readonly before: Readonly<Record<string, number>>;
  readonly after: Readonly<Record<string, number>>;
}

/** A task that is started before another ends is placed while that one still counts: it may take a second time to be even. */
const mostRounds = 3;

interface Seen {
  readonly uneven: boolean;
  readonly incomplete: boolean;
  readonly tasks: Readonly<Record<string, number>>;
}

async function look(swarm: Swarm, service: ApiService): Promise<Seen> {
  const [nodes, tasks] = await Promise.all([swarm.nodes(), swarm.tasks()]);
  const seats = seatsOf(service, nodes, tasks);
  const { running, completed } = counts(service, nodes, tasks);
  return {
    uneven: isUneven(seats),
    incomplete: running > 0 && completed > 0,
    tasks: Object.fromEntries(seats.map(({ node, tasks: count }) => [node, count])),
  };
}

/** Replaces all tasks, as the service's update configuration says: the scheduler then takes the emptiest nodes. */
async function renew(swarm: Swarm, { ID }: ApiService, say: Say): Promise<void> {
  await update(swarm, ID, {}, (spec) => ({
    ...spec,
    TaskTemplate: { ...spec.TaskTemplate, ForceUpdate: (spec.TaskTemplate.ForceUpdate ?? 0) + 1 },
  }));
  await settled(swarm, ID, say);
}

export interface RebalanceOptions {
  /** Only tell. */
  readonly dryRun?: boolean;
  readonly say: (service: string, line: string) => void;
}

/** One service after the other. @param names to be renewed whether they need it or not; default: all that need it */
export async function rebalanced(
  swarm: Swarm,
  names: readonly string[],
  { dryRun, say }: RebalanceOptions,
): Promise<Balance[]> {
  const all = await swarm.services();
  const chosen = names.length === 0 ? all : names.map((name) => serviceNamed(all, name));
  const global = chosen.find((service) => names.length > 0 && modeOf(service) !== "replicated");
  if (global !== undefined) {
    throw new UserError(
      `service ${global.Spec.Name} is ${modeOf(global)}`,
      "only replicated services are spread over the nodes",
    );
  }
  const results: Balance[] = [];
  for (const service of chosen.filter((one) => modeOf(one) === "replicated")) {
    const { Name } = service.Spec;
    const before = await look(swarm, service);
    const renews = !dryRun && (names.length > 0 || before.uneven || before.incomplete);
    let after = before;
    for (let round = 0; renews && round < mostRounds && (round === 0 || after.uneven); round++) {
      await renew(swarm, service, (line) => say(Name, line));
      after = await look(swarm, service);
    }
    results.push({
      service: Name,
      uneven: before.uneven,
      incomplete: before.incomplete,
      rebalanced: renews,
      before: before.tasks,
      after: after.tasks,
    });
  }
  return results.sort((a, b) => a.service.localeCompare(b.service));
}

const spreadText = (tasks: Readonly<Record<string, number>>): string =>
  Object.entries(tasks)
    .map(([node, count]) => `${node} ${count}`)
    .join(", ") || "no node may run it";

export async function rebalance(flags: SwarmFlags, ...names: string[]): Promise<number> {
  const say = (service: string, line: string): void => void process.stderr.write(`${service}: ${line}\n`);
  const rows = await onSwarm(flags, (swarm) => rebalanced(swarm, names, { dryRun: flags.dryRun, say }));
  if (flags.format === "json") print(`${JSON.stringify(rows, undefined, 2)}\n`);
  else if (rows.length === 0) print("There are no replicated services.\n");
  else {
    const told = ({ uneven, incomplete, rebalanced: done }: Balance): string =>
      done ? "rebalanced" : uneven ? "uneven" : incomplete ? "incomplete" : "even";
    print(
      table([
        ["SERVICE", "SPREAD", "BEFORE", "NOW"],
        ...rows.map((row) => [row.service, told(row), spreadText(row.before), spreadText(row.after)]),
      ]),
    );
  }
  return 0;
}
