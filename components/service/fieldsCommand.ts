import * as command from "@pulumi/command";
import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { machineCommand } from "../machineCommand";
import { swarmHost } from "../swarmHost";
import type { ServiceInputs } from "./serviceInputs";

interface WithFields extends ServiceInputs {
  readonly service: docker.Service;
  readonly fields: NonNullable<ServiceInputs["fields"]>;
}

/**
 * Sets what the Docker plugin has no fields for, and waits until the service's tasks run. Each update by the plugin loses these fields: this runs
 * again when the service is to be another one, and when it is found, once the plugin is done with it, that they are not as they should be.
 */
export function fieldsCommand(
  parent: pulumi.ComponentResource,
  name: string,
  { service, inputs, fields, timeout }: WithFields,
): void {
  const { host, provider } = swarmHost(parent, `service "${name}": ulimits and the like`);
  const { auth, ...rest } = inputs;
  let right = false;
  const condition = command.local
    .runOutput(
      {
        interpreter: machineCommand("machine"),
        command: "swarm-service-look",
        stdin: pulumi.jsonStringify({ host, serviceId: service.id, fields }),
        logging: command.local.Logging.None,
      },
      { parent },
    )
    .stdout.apply((printed) => {
      const { condition } = JSON.parse(printed) as { condition: string };
      right = condition === "ok";
      return condition;
    });
  // A service that is right is no difference: the last condition that was none stays in the state. Asked when the inputs are known.
  const keepIfRight: pulumi.ResourceTransform = ({ props, opts }) =>
    right ? { props, opts: { ...opts, ignoreChanges: ["environment"] } } : undefined;
  new command.local.Command(
    `${name}-fields`,
    {
      interpreter: machineCommand("machine"),
      create: "swarm-service",
      delete: "swarm-service-reset",
      stdin: pulumi.jsonStringify({
        host,
        serviceId: service.id,
        service: { ...rest, auth: auth && pulumi.secret(auth) },
        fields,
        timeout,
      }),
      environment: { VMCLUSTER_CONDITION: condition },
      logging: command.local.Logging.Stderr,
      addPreviousOutputInEnv: false,
    },
    { parent, deletedWith: service, dependsOn: provider, transforms: isMocked() ? [] : [keepIfRight] },
  );
}

/** The SDK's mocks, which stand for the engine in the tests of a program, know no transforms. */
const isMocked = (): boolean => pulumi.runtime.getEngine() === undefined;
