/** The health of a whole cluster, at one look. */
import type { ApiTask } from "./api";
import { type NodeRow, nodeRows } from "./nodes";
import { type NodeFree, nodesFree } from "./nodesFree";
import { type TaskRow, taskRows } from "./ps";
import { type ServiceRow, serviceRows } from "./services";
import type { Swarm } from "./swarm";
import { asked, type NamedUrl, type UrlState } from "./urls";
import { isWanted } from "./words";

export interface Health {
  readonly healthy: boolean;
  readonly cluster: string;
  /** The manager that told. */
  readonly manager: string;
  readonly time: string;
  readonly nodes: readonly (NodeRow & NodeFree & { readonly healthy: boolean })[];
  readonly services: readonly (ServiceRow & { readonly healthy: boolean })[];
  /** Tasks that should run and do not, and those that failed lately. */
  readonly problems: readonly TaskRow[];
  readonly urls: readonly UrlState[];
}

const urlTimeoutMs = 2000;
/** A failure is mentioned so long. */
const recentMs = 10 * 60_000;

const nodeIsHealthy = ({ status, message }: NodeRow): boolean => status === "ready" && message === "";

/** Tasks that have ended are well where all have; beside running ones they may be a server's that was told to end and is not started again. */
const serviceIsHealthy = ({ running, completed, wanted, update }: ServiceRow): boolean =>
  (running >= wanted || (running === 0 && completed >= wanted)) && !update.endsWith("paused");

function isProblem(task: ApiTask, now: number): boolean {
  const { State, Timestamp } = task.Status;
  if (isWanted(task)) return State !== "running" && State !== "complete";
  return (State === "failed" || State === "rejected") && now - Date.parse(Timestamp) < recentMs;
}

export async function healthOf(swarm: Swarm, urls: readonly NamedUrl[]): Promise<Health> {
  const answers = Promise.all(urls.map((url) => asked(url, urlTimeoutMs)));
  const free = nodesFree(swarm);
  const looks = [swarm.services(), swarm.nodes(), swarm.tasks()] as const;
  const [services, nodes, tasks] = await Promise.all(looks).catch((error: unknown) => {
    free.stop();
    throw error;
  });
  const now = Date.now();
  const freeOf = await free.of(nodes);
  const nodeList = nodeRows(nodes, tasks).map((row) => {
    const { shortage, ...rest } = freeOf(row.id);
    const message = [row.message, shortage].filter((text) => text !== "").join("; ");
    const whole = { ...row, ...rest, message };
    return { ...whole, healthy: nodeIsHealthy(whole) };
  });
  const serviceList = serviceRows(services, nodes, tasks).map((row) => ({
    ...row,
    healthy: serviceIsHealthy(row),
  }));
  // Tasks that were on a node that is down are replaced; the node itself is the problem.
  const problems = taskRows(
    services,
    nodes,
    tasks.filter((task) => isProblem(task, now)),
  );
  const urlList = await answers;
  return {
    healthy:
      nodeList.every(({ healthy }) => healthy) &&
      serviceList.every(({ healthy }) => healthy) &&
      urlList.every(({ answers: does }) => does !== false),
    cluster: swarm.cluster.name,
    manager: swarm.manager.name,
    time: new Date(now).toISOString(),
    nodes: nodeList,
    services: serviceList,
    problems,
    urls: urlList,
  };
}
