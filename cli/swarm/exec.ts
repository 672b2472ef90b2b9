/** `exec`: a command in the container of a task, wherever that runs. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { UserError } from "../../host/userError";
import type { ApiNode, ApiTask } from "./api";
import { dockerBeside } from "./beside";
import { onSwarm } from "./connect";
import type { SwarmFlags } from "./flags";
import { meant } from "./names";
import type { Cluster, Member, Swarm } from "./swarm";
import { addressOf, isDown, isWanted, taskName } from "./words";

/** The machine that a node is. @throws UserError if this host does not know it */
export function memberOf(cluster: Cluster, node: ApiNode): Member {
  const { Hostname } = node.Description;
  const address = addressOf(node);
  const { members } = cluster;
  const found =
    members.find(({ privateAddress }) => privateAddress !== undefined && privateAddress === address) ??
    members.find(({ name }) => name === Hostname) ??
    // A daemon that is reached by its socket is a swarm of its own.
    members.find(({ daemon }) => daemon.kind === "unix");
  if (found !== undefined) return found;
  throw new UserError(
    `node ${Hostname} (${address}) is no machine of the cluster ${cluster.name}`,
    `known are: ${members.map(({ name }) => name).join(", ")}`,
  );
}

export interface Place {
  readonly task: string;
  readonly node: ApiNode;
  readonly container: string;
}

/** Where the task that is meant runs; of a service its first that does. */
export async function placeOf(swarm: Swarm, name: string): Promise<Place> {
  const [services, nodes, tasks] = await Promise.all([swarm.services(), swarm.nodes(), swarm.tasks()]);
  const { service, task } = meant(name, { services, nodes, tasks });
  const nodeOf = ({ NodeID }: ApiTask): ApiNode | undefined => nodes.find(({ ID }) => ID === NodeID);
  const runs = (one: ApiTask): boolean => {
    const node = nodeOf(one);
    return isWanted(one) && one.Status.State === "running" && node !== undefined && !isDown(node);
  };
  const own =
    task === undefined
      ? tasks
          .filter(({ ServiceID }) => ServiceID === service.ID)
          .sort((a, b) => (a.Slot ?? 0) - (b.Slot ?? 0))
      : [task];
  const found = own.find(runs);
  const node = found && nodeOf(found);
  const container = found?.Status.ContainerStatus?.ContainerID;
  if (found !== undefined && node !== undefined && container !== undefined) {
    return { task: taskName(found, service.Spec.Name, node.Description.Hostname), node, container };
  }
  throw new UserError(
    task === undefined ? `no task of ${service.Spec.Name} runs` : `task ${name} does not run`,
    task?.Status.Err || undefined,
    `vmcluster ps ${service.Spec.Name} --all shows its tasks`,
  );
}

export async function exec(flags: SwarmFlags, name: string, ...given: string[]): Promise<number> {
  const command = given[0] === "--" ? given.slice(1) : given;
  const terminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const { program, args } = await onSwarm(flags, async (swarm) => {
    const { node, container } = await placeOf(swarm, name);
    const words = ["exec", terminal ? "-it" : "-i", container, ...(command.length > 0 ? command : ["sh"])];
    const { daemon } = memberOf(swarm.cluster, node);
    const connectTimeoutSeconds = Math.ceil(swarm.timeoutMs / 1000);
    return dockerBeside(
      daemon.kind === "ssh" ? { ...daemon, connectTimeoutSeconds } : daemon,
      words,
      terminal,
    );
  });
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: "inherit" });
    // Ctrl-C is for the command there; ssh ends when that does.
    const ignore = (): void => undefined;
    process.on("SIGINT", ignore);
    child.on("error", (error) => reject(new UserError(`${program} cannot be started`, error.message)));
    child.on("close", (code, signal) => {
      process.off("SIGINT", ignore);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
