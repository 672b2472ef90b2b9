import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { machineCommand } from "../machineCommand";
import type { SwarmClusterArgs } from "./args";
import { nodeSettings } from "./nodeSettings";
import type { Swarm } from "./swarmCommand";
import { conditionVariable, nodeCondition } from "./swarmSettings";

export const roleOf = (index: number, managers: number): "manager" | "worker" =>
  index < managers ? "manager" : "worker";

/** Lets each machine join the swarm, as what it is to be there. */
export function nodeCommands(
  swarm: Swarm,
  made: command.local.Command,
  args: SwarmClusterArgs,
): command.local.Command[] {
  const { statuses, asIs, dataPaths, machines } = swarm;
  // Those that the machines are to have: theirs are known only once they are made.
  const settings = nodeSettings(
    swarm.members.map(({ machineName }) => machineName),
    args,
  );
  return machines.map((machine, index) => {
    const role = roleOf(index, swarm.managers.length);
    const dataPathAddress = dataPaths[index];
    return new command.local.Command(
      `${swarm.name}-node${index + 1}`,
      {
        interpreter: machineCommand("machine"),
        create: "swarm-node",
        delete: "swarm-leave",
        stdin: pulumi.jsonStringify({
          machine: machine.machineName,
          machineId: machine.machineId,
          role,
          availability: settings.apply((all) => all[index]?.availability),
          labels: settings.apply((all) => all[index]?.labels ?? {}),
          dataPathAddress,
          managers: swarm.managerNames,
        }),
        environment: conditionVariable(
          pulumi
            .all([settings, asIs, statuses, swarm.members[index]?.machineName])
            .apply(([settings, asIs, all, machineName = ""]) => {
              const { availability, labels = {} } = settings[index] ?? {};
              return nodeCondition({ role, availability, labels }, asIs, all[machineName]?.swarm);
            }),
        ),
        triggers: [machine.machineId, ...(dataPathAddress === undefined ? [] : [dataPathAddress])],
        logging: command.local.Logging.Stderr,
      },
      {
        parent: swarm.parent,
        // With the whole cluster goes the swarm: nobody has to leave it.
        deletedWith: made,
        replaceWith: [made, machine.vm],
        deleteBeforeReplace: true,
        dependsOn: [made],
      },
    );
  });
}
