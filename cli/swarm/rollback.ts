/** `rollback`: a service as it was before its last update. */
import { UserError } from "../../host/userError";
import type { JsonObject } from "../../providers/docker/json";
import type { ApiServiceSpec } from "./api";
import { onSwarm } from "./connect";
import { stoppedLabel } from "./data/stopped";
import type { SwarmFlags } from "./flags";
import { serviceNamed } from "./names";
import { print } from "./print";
import type { Swarm } from "./swarm";
import { isWhole } from "./taskFields";
import { type Say, settled, update } from "./update";
import { shortImage } from "./words";

type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | { readonly [key: string]: Value | undefined };

/** The fields in which two specifications differ: `TaskTemplate.ContainerSpec.Image`, from and to. */
export function differences(
  from: Value | undefined,
  to: Value | undefined,
  path = "",
): { readonly field: string; readonly from: Value | undefined; readonly to: Value | undefined }[] {
  const isMap = (value: Value | undefined): value is { readonly [key: string]: Value | undefined } =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  if (isMap(from) && isMap(to)) {
    return [...new Set([...Object.keys(from), ...Object.keys(to)])]
      .sort()
      .flatMap((key) => differences(from[key], to[key], path === "" ? key : `${path}.${key}`));
  }
  return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ field: path, from, to }];
}

const shown = (value: Value | undefined): string =>
  value === undefined ? "nothing" : typeof value === "string" ? shortImage(value) : JSON.stringify(value);

/** Resolves to what the service's specification was before and is now. */
export async function rolledBack(
  swarm: Swarm,
  name: string,
  say: Say,
): Promise<{ readonly from: ApiServiceSpec; readonly to: ApiServiceSpec }> {
  const service = serviceNamed(await swarm.services(), name);
  if (service.PreviousSpec === undefined) {
    throw new UserError(
      `service ${service.Spec.Name} cannot be rolled back`,
      "the swarm keeps no earlier specification of it: it has not been updated since it was made",
    );
  }
  if (service.PreviousSpec.Labels?.[stoppedLabel] !== undefined) {
    throw new UserError(
      `service ${service.Spec.Name} cannot be rolled back`,
      "its last change was that it was started again after a backup or restore, which is all the swarm remembers",
      "change the program, then: vmcluster up",
    );
  }
  if (isWhole(service.Spec as JsonObject) && !isWhole(service.PreviousSpec as JsonObject)) {
    throw new UserError(
      `service ${service.Spec.Name} cannot be rolled back`,
      "it was made in two steps, and the swarm remembers the one between them, without ulimits and the like",
      "change the program, then: vmcluster up",
    );
  }
  await update(swarm, service.ID, { rollback: "previous" });
  await settled(swarm, service.ID, say, { rollback: true });
  return { from: service.Spec, to: service.PreviousSpec };
}

export async function rollback(flags: SwarmFlags, name: string): Promise<number> {
  return onSwarm(flags, async (swarm) => {
    const { from, to } = await rolledBack(swarm, name, (line) => process.stderr.write(`${name}: ${line}\n`));
    const fields = differences(from as Value, to as Value);
    if (flags.format === "json") {
      print(`${JSON.stringify({ service: name, changes: fields }, undefined, 2)}\n`);
      return 0;
    }
    print(`${name} runs as it did before its last update:\n`);
    for (const { field, from: was, to: is } of fields) print(`  ${field}: ${shown(was)} => ${shown(is)}\n`);
    // That tasks were renewed is not of the program.
    if (flags.machine === undefined && fields.some(({ field }) => field !== "TaskTemplate.ForceUpdate")) {
      print(
        "The program now says something else, which vmcluster preview --refresh shows. Change it: the next vmcluster up --refresh\nrolls out what it says.\n",
      );
    }
    return 0;
  });
}
