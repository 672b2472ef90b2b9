import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { networksOf } from "../network/replacement";
import { inherited } from "../serviceDefaults";
import type { ServiceArgs } from "./args";
import { fieldsCommand } from "./fieldsCommand";
import { serviceInputs } from "./serviceInputs";

/** The service itself, as the child `<name>-service` of a component; what the plugin has no fields for is set by its child `<name>-fields`. */
export function serviceResource(
  parent: pulumi.ComponentResource,
  name: string,
  args: ServiceArgs,
  opts: pulumi.ComponentResourceOptions | undefined,
  more: pulumi.CustomResourceOptions = {},
): docker.Service {
  const { inputs, fields, timeout } = serviceInputs(name, args);
  const service = new docker.Service(`${name}-service`, inputs, {
    ...inherited(opts),
    // A network cannot be removed while a service is on it, and Pulumi knows of none that has to go before.
    replaceWith: [...(opts?.replaceWith ?? []), ...networksOf(args.networks)],
    parent,
    deleteBeforeReplace: true,
    // The plugin finds an empty one beside the privileges that it does not know.
    ...(fields && { ignoreChanges: ["taskSpec.containerSpec.privileges"] }),
    ...more,
  });
  if (fields) fieldsCommand(parent, name, { service, inputs, fields, timeout });
  return service;
}
