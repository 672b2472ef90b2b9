import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { networksOf } from "../network/replacement";
import {
  checkOrigins,
  checkSize,
  claim,
  claimPorts,
  namesOf,
  warnOfPlaces,
  warnWithoutSwarm,
} from "../program";
import { inherited } from "../serviceDefaults";
import type { ServiceArgs } from "./args";
import { fieldsCommand } from "./fieldsCommand";
import { serviceInputs } from "./serviceInputs";

/**
 * The service itself, as the child `<name>-service` of a component; what the plugin has no fields for is set by its child `<name>-fields`.
 *
 * @param more options of its own; `onNodes`: its ports are for the nodes alone
 */
export function serviceResource(
  parent: pulumi.ComponentResource,
  name: string,
  args: ServiceArgs,
  opts: pulumi.ComponentResourceOptions | undefined,
  { onNodes = false, ...more }: pulumi.CustomResourceOptions & { readonly onNodes?: boolean } = {},
): docker.Service {
  const { inputs, fields, timeout } = serviceInputs(name, args);
  const own = parent.constructor.name === "SwarmService";
  const what = own ? `service "${name}"` : `${parent.constructor.name} "${name}"`;
  warnWithoutSwarm(parent, what, opts);
  checkOrigins(parent, what, "networks", args.networks, "networkId");
  checkOrigins(parent, what, "secrets", args.secrets, "id");
  checkOrigins(parent, what, "configs", args.configs, "id");
  checkSize(parent, what, args);
  warnOfPlaces(parent, what, args);
  claim("service", args.serviceName ?? name, what, "serviceName", namesOf(parent));
  claimPorts(parent, what, args.ports, (index) => (own ? `ports.${index}.published` : "port"), onNodes);
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
