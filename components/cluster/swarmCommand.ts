import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { MachineStatus } from "../../machine/result";
import { optionDifferences } from "../../machine/swarm/options";
import type { SwarmSettings } from "../../machine/swarm/settings";
import type { Machine } from "../machine";
import { machineCommand } from "../machineCommand";
import type { SwarmClusterArgs } from "./args";
import type { Members } from "./members";
import { checkedOptions, checkMaking } from "./swarmOptions";
import { conditionVariable } from "./swarmSettings";

/** What the machine command prints of the swarm. */
export interface SwarmAnswer {
  readonly JoinTokens: { readonly Worker: string; readonly Manager: string };
  /** Only of a swarm that locks its managers. */
  readonly UnlockKey?: string;
}

/** What all commands of a cluster's swarm are made with. */
export interface Swarm extends Members {
  /** Of the cluster's resource. */
  readonly name: string;
  readonly parent: pulumi.ComponentResource;
  readonly machines: readonly Machine[];
  readonly managers: readonly [Machine, ...Machine[]];
  readonly managerNames: pulumi.Output<string[]>;
  /** What it is set to now; undefined if nobody has to know. */
  readonly asIs: pulumi.Output<SwarmSettings | undefined>;
}

/** Makes the swarm on its managers, or finds it there. */
export function swarmCommand(
  swarm: Swarm,
  { hosts, swarm: given = {} }: SwarmClusterArgs,
): command.local.Command {
  const { name, parent, statuses, asIs } = swarm;
  const swarmId = founder(swarm);
  const checked = checkedOptions(given, swarm.subnet);
  const options = pulumi.all([checked, swarmId, statuses]).apply(([options, made, all]) => {
    checkMaking(options, made, Object.values(all));
    return options;
  });
  return new command.local.Command(
    `${name}-swarm`,
    {
      interpreter: machineCommand("machine"),
      create: "swarm-ensure",
      stdin: pulumi.jsonStringify({
        cluster: swarm.clusterName,
        managers: swarm.managerNames,
        machineIds: pulumi.all(swarm.managers.map(({ machineId }) => machineId)),
        options,
        dataPathAddress: swarm.dataPaths[0],
        ...(given.rotateTokens && { rotateTokens: true }),
      }),
      environment: conditionVariable(
        pulumi.all([options, asIs, statuses]).apply(([options, asIs, all]) => ({
          recorded: Object.values(all)[0]?.swarmCondition,
          found: asIs === undefined ? [] : optionDifferences(options, asIs.options),
        })),
      ),
      triggers: [swarmId],
      logging: command.local.Logging.Stderr,
      addPreviousOutputInEnv: false,
    },
    {
      parent,
      deleteBeforeReplace: true,
      additionalSecretOutputs: ["stdout"],
      // While an existing host is made a machine, the swarm's ports are tried on the others: nothing may listen there for a while.
      dependsOn: hosts === undefined ? [] : swarm.machines.map(({ vm }) => vm),
    },
  );
}

/** The swarm is known by who made it: it lives as long as one of its managers does. */
function founder({ statuses, managers }: Swarm): pulumi.Output<string> {
  return statuses.apply((all) =>
    pulumi.output(Object.values(all).flatMap(foundersOf)[0] ?? managers[0].machineId),
  );
}

/** Who made the swarm that a machine manages which stays, be it a worker later; or, as long as they are there, those that go. */
const foundersOf = ({ machine, swarm, otherManagers = {} }: MachineStatus): string[] => [
  ...(machine && swarm?.manager ? [swarm.founder] : []),
  ...Object.values(otherManagers),
];
