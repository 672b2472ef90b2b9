/** Every argument of a cluster, with what it may be. */
import { z } from "zod";
import { virtualMachineFields } from "../../machine/spec";
import { swarmOptions } from "../../machine/swarm/options";
import { existingHost, machineName, virtualMachine } from "../machineArguments";
import { type ArgumentSchemas, atOnce, type Rule } from "../service/arguments";
import { nodeLabels, oneOf, strict } from "../service/checks";
import { record } from "../service/record";
import type { SwarmClusterArgs, SwarmHost } from "./args";
import { countError, managersError, nodeAddressError, nodeName } from "./nodes";
import type { SwarmOptionsArgs } from "./swarmOptions";

const swarmHost = {
  ...existingHost,
  host: existingHost.host.unwrap(),
  dataPathAddress: z.ipv4("must be an IPv4 address of the host").optional(),
} satisfies ArgumentSchemas<SwarmHost>;

const hosts = z
  .array(atOnce(strict(swarmHost), "itself"))
  .min(1, "must have a host")
  .superRefine((all, context) => {
    const places = all.map(({ host, sshPort = 22 }) => `${host.toLowerCase()}, port ${sshPort}`);
    const index = places.findIndex((place, at) => places.indexOf(place) !== at);
    if (index >= 0)
      context.addIssue({
        code: "custom",
        path: [index, "host"],
        message: `${places[index]} is listed twice`,
      });
  });

const refined = (error: (value: unknown) => string | undefined) =>
  z.unknown().superRefine((value, context) => {
    const message = error(value);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

export const availability = oneOf("active", "pause", "drain");

export const clusterArguments = {
  clusterName: machineName.optional(),
  nodeCount: atOnce(refined(countError)).optional(),
  managers: atOnce(refined((value) => managersError(value))).optional(),
  nodeLabels: record(z.string(), nodeLabels).optional(),
  availability: record(z.string(), availability).optional(),
  swarm: atOnce(
    strict({
      ...swarmOptions.shape,
      rotateTokens: atOnce(z.boolean()).optional(),
    } satisfies ArgumentSchemas<SwarmOptionsArgs>),
    "itself",
  ).optional(),
  hosts: atOnce(hosts, "itself").optional(),
  ...virtualMachine,
} satisfies ArgumentSchemas<SwarmClusterArgs>;

/** How many machines a cluster has by what is known of its arguments. */
const countOf = ({ hosts: there, nodeCount }: Readonly<Record<string, unknown>>): number =>
  Array.isArray(there) ? there.length : typeof nodeCount === "number" ? nodeCount : 2;

const onlyVirtual: readonly string[] = ["nodeCount", ...virtualMachineFields];

/** @param name of the resource */
export const clusterRules = (name: string, args: SwarmClusterArgs): readonly Rule[] => [
  ...onlyVirtual.map(
    (field): Rule =>
      () =>
        args?.hosts !== undefined && args[field as keyof SwarmClusterArgs] !== undefined
          ? [field, "is not allowed with hosts: those are taken as they are, leave it out"]
          : undefined,
  ),
  ({ driver }) => {
    if (args?.hosts === undefined)
      return driver === "generic" ? ["driver", '"generic" is that of hosts: give those'] : undefined;
    return driver === undefined || driver === "generic"
      ? undefined
      : ["driver", `${JSON.stringify(driver)} is not allowed with hosts: leave it out`];
  },
  (known) =>
    typeof known.managers === "number" && known.managers > countOf(known)
      ? ["managers", `${known.managers} is not allowed; the cluster has ${countOf(known)} nodes (nodeCount)`]
      : undefined,
  (known) => {
    const start = args?.clusterName === undefined ? name : known.clusterName;
    if (typeof start !== "string" || countError(countOf(known)) !== undefined) return undefined;
    const last = nodeName(start, countOf(known) - 1);
    const result = machineName.safeParse(last);
    return result.success
      ? undefined
      : [
          "clusterName",
          `${JSON.stringify(start)} is no start of a machine's name: ${JSON.stringify(last)} ${result.error.issues[0]?.message}`,
        ];
  },
  (known) => {
    if (args?.hosts !== undefined || typeof known.subnet !== "string") return undefined;
    if (countError(countOf(known)) !== undefined) return undefined;
    const error = nodeAddressError(known.subnet, countOf(known) - 1);
    return error === undefined ? undefined : ["subnet", error];
  },
  ...["nodeLabels", "availability"].map(
    (field): Rule =>
      (known) => {
        const start = args?.clusterName === undefined ? name : known.clusterName;
        const said = known[field];
        if (typeof start !== "string" || typeof said !== "object" || said === null) return undefined;
        if (countError(countOf(known)) !== undefined) return undefined;
        const names = Array.from({ length: countOf(known) }, (_, index) => nodeName(start, index));
        const unknown = Object.keys(said).find((one) => !names.includes(one));
        return unknown === undefined
          ? undefined
          : [field, `there is no node "${unknown}"; the nodes are ${names.join(", ")}`];
      },
  ),
];
