import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { machineCommand } from "../machineCommand";

/** A random text, made by the first `up` and kept in the state as a secret from then on. `name` is the resource's. */
export function randomSecret(name: string, parent: pulumi.Resource): pulumi.Output<string> {
  const made = new command.local.Command(
    name,
    {
      interpreter: machineCommand("machine"),
      create: "password",
      logging: command.local.Logging.None,
      addPreviousOutputInEnv: false,
    },
    // A program that moves is no reason for another one.
    { parent, additionalSecretOutputs: ["stdout"], ignoreChanges: ["interpreter", "create"] },
  );
  return pulumi.secret(made.stdout);
}
