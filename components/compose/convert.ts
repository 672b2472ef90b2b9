/** From the compose file's words to the components': names and labels as `docker stack deploy` gives them. */
import { UserError } from "../../host/userError";
import { checkPlan } from "./check";
import { Conversion, externalName, isJob, withoutUndefined } from "./conversion";
import { convertJob } from "./convertJob";
import { checkExternalVolumes } from "./convertMounts";
import { convertService } from "./convertService";
import type { Loaded } from "./load";
import { modelOf } from "./model";
import { type Warning, warningText, wrong } from "./place";
import type { PlannedData, PlannedJob, PlannedNetwork, PlannedService, StackPlan } from "./plan";
import { recordOf } from "./recordOf";
import type { Data, Network } from "./schema/file";
import { placeOf } from "./tree";

export interface Converted {
  readonly plan: StackPlan;
  readonly warnings: readonly Warning[];
}

/** @param stackName what the stack is called if neither `given` nor the file says so */
export function convert(loaded: Loaded, stackName: string, given?: string): Converted {
  const model = modelOf(loaded.tree);
  const stack = given ?? (model.name || stackName);
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_-]*$/.test(stack)) {
    const why = `"${stack}" cannot be the name of a stack: it is letters, digits, hyphens and underscores, the first a letter or a digit`;
    throw given === undefined && model.name
      ? wrong(placeOf(loaded.tree, ["name"]), `name: ${why}`)
      : new UserError(why);
  }
  const conversion = new Conversion(stack, model, loaded);
  if (Object.keys(model.services).length === 0) throw conversion.wrong(["services"], noService(loaded));
  if (model.models) conversion.warn(["models"], "is ignored: swarm runs no models");
  checkExternalVolumes(conversion);
  const services = recordOf<PlannedService>([]);
  const jobs = recordOf<PlannedJob>([]);
  for (const [name, service] of Object.entries(model.services)) {
    if (isJob(service)) jobs[name] = convertJob(conversion, name, service);
    else services[name] = convertService(conversion, name, service);
  }
  const used = [...Object.values(services), ...Object.values(jobs)];
  const plan = {
    name: stack,
    networks: picked(
      used.flatMap(({ networks }) => networks.map(({ network }) => network)),
      (key) => convertNetwork(conversion, key, model.networks?.[key] ?? {}),
    ),
    secrets: picked(
      used.flatMap(({ secrets }) => secrets.map(({ source }) => source)),
      (key) => convertData(conversion, "secrets", key, model.secrets?.[key] ?? {}),
    ),
    configs: picked(
      used.flatMap(({ configs }) => configs.map(({ source }) => source)),
      (key) => convertData(conversion, "configs", key, model.configs?.[key] ?? {}),
    ),
    services,
    jobs,
  };
  noCircle(conversion, plan);
  checkPlan(conversion, plan);
  return { plan, warnings: inOrder(once(conversion.warnings)) };
}

function noService({ inactive }: Loaded): string {
  if (inactive.size === 0) return "there is no service";
  const profiles = [...new Set([...inactive.values()].flat())].sort();
  const choice = profiles.map((profile) => `--profile ${profile}`).join(" or ");
  return `all services have profiles, of which none is asked for: ${choice} (profiles of ComposeStack)`;
}

const picked = <T>(keys: readonly string[], make: (key: string) => T): Record<string, T> =>
  recordOf([...new Set(keys)].sort().map((key) => [key, make(key)] as const));

function convertNetwork(conversion: Conversion, key: string, network: Network): PlannedNetwork {
  const path = ["networks", key];
  const external = externalName(key, network);
  if (external !== undefined) {
    othersOfExternal(conversion, "network", path, network);
    return { name: external, external: true, args: {} };
  }
  const { driver, driver_opts: driverOptions, ipam } = network;
  if (driver && driver !== "overlay" && driver !== "default")
    conversion.warn(
      [...path, "driver"],
      `a ${driver} network is on one node only: an overlay network is made in its place`,
    );
  if (network.enable_ipv4 !== undefined) conversion.warn([...path, "enable_ipv4"], "is ignored");
  const subnets = (ipam?.config ?? []).map(({ subnet, gateway, ip_range: ipRange, aux_addresses: aux }) => {
    if (aux !== undefined) conversion.warn([...path, "ipam"], "aux_addresses are ignored");
    return { subnet, gateway, ipRange };
  });
  const encrypted = driverOptions?.encrypted !== undefined && driverOptions.encrypted !== "false";
  const { encrypted: _, ...options } = driverOptions ?? {};
  const args = {
    attachable: network.attachable,
    internal: network.internal,
    ipv6: network.enable_ipv6,
    encrypted: encrypted || undefined,
    driverOptions: driver === "bridge" || Object.keys(options).length === 0 ? undefined : options,
    ipamDriver: ipam?.driver || undefined,
    ipamOptions: ipam?.options,
    subnets: subnets.length === 0 ? undefined : subnets.map(withoutUndefined),
    labels: conversion.labelled(network.labels),
  };
  return { name: network.name || conversion.scoped(key), external: false, args: withoutUndefined(args) };
}

function convertData(
  conversion: Conversion,
  section: "secrets" | "configs",
  key: string,
  data: Data,
): PlannedData {
  const path = [section, key];
  const external = externalName(key, data);
  if (external !== undefined) {
    othersOfExternal(conversion, section.slice(0, -1), path, data);
    return { name: external, external: true, labels: {} };
  }
  if (data.driver !== undefined || data.template_driver !== undefined)
    throw conversion.wrong(path, "the Docker provider of Pulumi has no drivers for secrets and configs");
  const { file, environment, content } = data;
  const from = Object.entries({ file, environment, content }).filter(([, one]) => one !== undefined);
  if (from.length !== 1)
    throw conversion.wrong(
      path,
      from.length > 1
        ? `has ${from.map(([field]) => field).join(" and ")}: it must have one of them`
        : `must have ${section === "secrets" ? "file or environment" : "file, environment or content"}, or be external`,
    );
  const name = data.name || conversion.scoped(key);
  const labels = conversion.labelled(data.labels);
  return withoutUndefined({ name, external: false, file, environment, content, labels });
}

/** Docker reads what stands beside `external`, and does nothing with it. */
function othersOfExternal(
  conversion: Conversion,
  what: string,
  path: readonly string[],
  settings: object,
): void {
  for (const field of Object.keys(settings))
    if (field !== "external" && field !== "name")
      conversion.warn([...path, field], `is ignored: the ${what} is external`);
}

const once = (warnings: readonly Warning[]): Warning[] => [
  ...new Map(warnings.map((warning) => [warningText(warning), warning])).values(),
];

const inOrder = (warnings: readonly Warning[]): Warning[] =>
  [...warnings].sort(
    ({ place: one }, { place: other }) =>
      Number(one.source.name > other.source.name) - Number(one.source.name < other.source.name) ||
      one.line - other.line,
  );

function noCircle(conversion: Conversion, { services, jobs }: StackPlan): void {
  const all = new Map<string, PlannedService | PlannedJob>([
    ...Object.entries(services),
    ...Object.entries(jobs),
  ]);
  const done = new Set<string>();
  const visit = (name: string, before: readonly string[]): void => {
    if (done.has(name)) return;
    if (before.includes(name))
      throw conversion.wrong(
        ["services", name, "depends_on"],
        `the services wait for each other in a circle: ${[...before.slice(before.indexOf(name)), name].join(" → ")}`,
      );
    for (const other of all.get(name)?.dependsOn ?? []) visit(other, [...before, name]);
    done.add(name);
  };
  for (const name of all.keys()) visit(name, []);
}
