import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { networksOf } from "../network/replacement";
import { inherited } from "../serviceDefaults";
import type { ServiceArgs } from "./args";
import { serviceInputs } from "./serviceInputs";

/** The service itself, as the child `<name>-service` of a component. */
export function serviceResource(
  parent: pulumi.ComponentResource,
  name: string,
  args: ServiceArgs,
  opts: pulumi.ComponentResourceOptions | undefined,
  more: pulumi.CustomResourceOptions = {},
): docker.Service {
  return new docker.Service(`${name}-service`, serviceInputs(name, args), {
    ...inherited(opts),
    // A network cannot be removed while a service is on it, and Pulumi knows of none that has to go before.
    replaceWith: [...(opts?.replaceWith ?? []), ...networksOf(args.networks)],
    parent,
    deleteBeforeReplace: true,
    ...more,
  });
}
