import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { machineCommand } from "../machineCommand";

/** A random password, made by the first `up` and kept in the state as a secret from then on. */
export function madePassword(name: string, parent: pulumi.Resource): pulumi.Output<string> {
  const made = new command.local.Command(
    `${name}-password`,
    {
      interpreter: machineCommand("machine"),
      create: "password",
      logging: command.local.Logging.None,
      addPreviousOutputInEnv: false,
    },
    { parent, additionalSecretOutputs: ["stdout"] },
  );
  return pulumi.secret(made.stdout);
}
