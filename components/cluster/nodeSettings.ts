import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { Checker, nodeLabels } from "../service/checks";
import type { SwarmClusterArgs } from "./args";
import { availability as availabilitySchema } from "./argumentSchemas";

export interface NodeSettings {
  readonly availability: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

/** What `nodeLabels` and `availability` say of each node, in the nodes' order. Fails the program if they name a node that there is not. */
export function nodeSettings(
  names: pulumi.Input<string>[],
  args: Pick<SwarmClusterArgs, "nodeLabels" | "availability">,
): pulumi.Output<NodeSettings[]> {
  const check = new Checker("SwarmCluster");
  const labels = check.field("nodeLabels", z.record(z.string(), nodeLabels), args.nodeLabels ?? {});
  const modes = z.record(z.string(), availabilitySchema);
  const availability = check.field("availability", modes, args.availability ?? {});
  return pulumi.all([pulumi.all(names), labels, availability]).apply(([nodes, labelsOf, availabilityOf]) => {
    for (const [field, values] of Object.entries({ nodeLabels: labelsOf, availability: availabilityOf })) {
      const unknown = Object.keys(values).find((name) => !nodes.includes(name));
      if (unknown !== undefined)
        throw new pulumi.RunError(
          `${field}: there is no node "${unknown}"; the nodes are ${nodes.join(", ")}`,
        );
    }
    return nodes.map((name) => ({ availability: availabilityOf[name], labels: labelsOf[name] ?? {} }));
  });
}
