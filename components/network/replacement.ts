/**
 * How a network is replaced. Docker can change nothing of a network, and removes it only when no service is on it, nor a job that has ended; and until the
 * last task on it has stopped no other one can have its name.
 */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { ServiceNetwork } from "../service/args";
import { isWaitedFor } from "../waitedFor";

const digits = 12;

/** What the swarm adds something of its own to: an option with its numbers, the gateway. */
const filledIn = ["options", "ipamOptions", "ipamConfigs"] as const;

/** All but the name, with `undefined` for what is as Docker has it anyway. */
export type AskedOfNetwork = Pick<
  docker.NetworkArgs,
  "attachable" | "internal" | "ipv6" | "ipamDriver" | "labels" | (typeof filledIn)[number]
>;

/** `name` for a network as Docker makes it; another one has another name, and can be there beside it until the services have moved. */
export function nameByContent(name: string, asked: AskedOfNetwork): pulumi.Output<string> {
  return pulumi.output(asked).apply((known) => {
    const given = Object.fromEntries(Object.entries(known).filter(([, value]) => isAsked(value)));
    if (Object.keys(given).length === 0) return name;
    const hash = createHash("sha256").update(`${name}\0${JSON.stringify(given, inOrder)}`);
    return `${name}-${hash.digest("hex").slice(0, digits)}`;
  });
}

/** The order in which a program writes options, labels or subnets is no difference. */
function inOrder(_: string, value: unknown): unknown {
  const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  if (Array.isArray(value)) return [...value].sort(byText);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(byText));
}

function isAsked(value: unknown): boolean {
  if (value === undefined || value === false || value === "default") return false;
  return typeof value !== "object" || value === null || Object.keys(value).length > 0;
}

/**
 * What the swarm adds to what is given is a change for Pulumi's own plugin, by which the network would be made anew each time, and what is no longer given
 * is none. So these are compared with what was asked for before, not with what there is. There is always something to compare with: a first trigger, or
 * none any more, replaces nothing.
 */
export function comparedWithAsked(asked: AskedOfNetwork): pulumi.CustomResourceOptions {
  const given = filledIn.filter((field) => asked[field] !== undefined);
  return {
    ignoreChanges: given,
    replacementTrigger: pulumi.jsonStringify(Object.fromEntries(given.map((field) => [field, asked[field]]))),
  };
}

const lookAgainMs = 500;
const lastTaskAfterMs = 60_000;

/**
 * A hook that waits before the network is made until no other one has its name: a node keeps that until the last task on the old one has stopped, and
 * Pulumi's own plugin does not wait for it.
 */
export function whenNameIsFree(name: string, parent: pulumi.Resource): pulumi.CustomResourceOptions {
  const monitor = pulumi.runtime.getMonitor();
  // Programs are tested with Pulumi's mocks, which know no hooks.
  if (monitor === undefined || !("registerResourceHook" in monitor)) return {};
  const wait = async ({ newInputs }: pulumi.ResourceHookArgs): Promise<void> => {
    const end = Date.now() + lastTaskAfterMs;
    const taken = () =>
      docker.getNetwork({ name: newInputs?.name as string }, { parent }).then(
        () => true,
        () => false,
      );
    for (let told = false; Date.now() < end && (await taken()); told = true) {
      if (!told) void pulumi.log.info("waiting until no other network has this name", parent);
      await sleep(lookAgainMs);
    }
  };
  return { hooks: { beforeCreate: [new pulumi.ResourceHook(`${name}-network-name`, wait)] } };
}

/** By the IDs that components give out. */
const made = new WeakMap<object, docker.Network>();

export function remember(networkId: pulumi.Output<string>, network: docker.Network): void {
  made.set(networkId, network);
}

/** Those of the networks that this program makes, if it gives their `networkId` as it is: what is on them goes before they do. */
export function networksOf(used: pulumi.Input<pulumi.Input<ServiceNetwork>[]> | undefined): docker.Network[] {
  if (!Array.isArray(used)) return [];
  return used.flatMap((one: pulumi.Input<ServiceNetwork>) => {
    if (isWaitedFor(one)) return [];
    return (typeof one.networkId === "object" && made.get(one.networkId)) || [];
  });
}
