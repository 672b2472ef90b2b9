/** Services, nodes and tasks by what people call them. */
import { UserError } from "../../host/userError";
import type { ApiNode, ApiService, ApiTask } from "./api";
import { isWanted } from "./words";

const list = (names: readonly string[]): string | undefined =>
  names.length === 0 ? "there are none" : `there are: ${[...names].sort().join(", ")}`;

/** @throws UserError that names the services there are */
export function serviceNamed(services: readonly ApiService[], name: string): ApiService {
  const found = services.find(({ ID, Spec }) => Spec.Name === name || ID === name);
  if (found !== undefined) return found;
  throw new UserError(
    `no service named '${name}' runs on this swarm`,
    list(services.map(({ Spec }) => Spec.Name)),
  );
}

/** @throws UserError that names the nodes there are */
export function nodeNamed(nodes: readonly ApiNode[], name: string): ApiNode {
  const found = nodes.find(({ ID, Description }) => Description.Hostname === name || ID === name);
  if (found !== undefined) return found;
  throw new UserError(
    `no node named '${name}' is in this swarm`,
    list(nodes.map(({ Description }) => Description.Hostname)),
  );
}

/** The newest first, those that are wanted before others. */
function newestFirst(tasks: readonly ApiTask[]): ApiTask[] {
  return [...tasks].sort(
    (a, b) => Number(isWanted(b)) - Number(isWanted(a)) || b.CreatedAt.localeCompare(a.CreatedAt),
  );
}

export interface Meant {
  readonly service: ApiService;
  /** Undefined where the whole service is meant. */
  readonly task: ApiTask | undefined;
}

/**
 * What `web`, `web.2`, `agent.myvm1` or the beginning of a task's ID means.
 *
 * @throws UserError if it means nothing
 */
export function meant(
  name: string,
  {
    services,
    nodes,
    tasks,
  }: { services: readonly ApiService[]; nodes: readonly ApiNode[]; tasks: readonly ApiTask[] },
): Meant {
  const whole = services.find(({ ID, Spec }) => Spec.Name === name || ID === name);
  if (whole !== undefined) return { service: whole, task: undefined };
  const dot = name.indexOf(".");
  if (dot > 0) {
    const service = serviceNamed(services, name.slice(0, dot));
    const part = name.slice(dot + 1);
    const own = newestFirst(tasks.filter(({ ServiceID }) => ServiceID === service.ID));
    const node = nodes.find(({ ID, Description }) => Description.Hostname === part || ID === part);
    const task =
      own.find(({ Slot }) => String(Slot) === part) ??
      own.find(({ NodeID, Slot }) => Slot === undefined && node !== undefined && NodeID === node.ID);
    if (task !== undefined) return { service, task };
    const slots = [...new Set(own.map(({ Slot }) => Slot).filter((slot) => slot !== undefined))];
    throw new UserError(
      `service ${service.Spec.Name} has no task '${part}'`,
      slots.length > 0 ? `it has: ${slots.sort((a, b) => a - b).join(", ")}` : undefined,
      `vmcluster ps ${service.Spec.Name} lists them`,
    );
  }
  const byId = name.length >= 6 ? tasks.filter(({ ID }) => ID.startsWith(name)) : [];
  const [task] = byId;
  const service = services.find(({ ID }) => ID === task?.ServiceID);
  if (task !== undefined && byId.length === 1 && service !== undefined) return { service, task };
  return { service: serviceNamed(services, name), task: undefined };
}
