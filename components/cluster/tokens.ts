import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { machineCommand } from "../machineCommand";
import type { Swarm, SwarmAnswer } from "./swarmCommand";

/** Makes the join tokens anew after machines have joined. */
export function newTokens(
  { name, parent, machines, managerNames }: Swarm,
  made: command.local.Command,
  joined: command.local.Command[],
): pulumi.Output<SwarmAnswer["JoinTokens"]> {
  const tokens = new command.local.Command(
    `${name}-tokens`,
    {
      interpreter: machineCommand("machine"),
      create: "swarm-tokens",
      stdin: pulumi.jsonStringify({
        managers: managerNames,
        // Whoever joins next is another one of these.
        machineIds: pulumi.all(machines.map(({ machineId }) => machineId)),
      }),
      logging: command.local.Logging.Stderr,
      addPreviousOutputInEnv: false,
    },
    {
      parent,
      dependsOn: joined,
      replaceWith: [made],
      deleteBeforeReplace: true,
      additionalSecretOutputs: ["stdout"],
    },
  );
  return tokens.stdout.apply((answer) => JSON.parse(answer) as SwarmAnswer["JoinTokens"]);
}
