/** What components and the swarm refuse, refused here, where file and line are known: `compose config` and `compose import` make no components. */
import { posix } from "node:path";
import type { z } from "zod";
import { UserError } from "../../host/userError";
import { count, pairs, share } from "../service/checks";
import { allowed, longest, sizeError } from "../service/content";
import * as schemas from "../service/schemas";
import type { Conversion } from "./conversion";
import type { Planned, PlannedArgs, PlannedData, PlannedFile, PlannedTaskArgs, StackPlan } from "./plan";
import type { Service } from "./schema/service";
import { get } from "./tree";

type Path = readonly PropertyKey[];

/** Throws a `UserError` with a line for everything that is wrong. */
export function checkPlan(conversion: Conversion, plan: StackPlan): void {
  const check = new Check(conversion);
  for (const [key, service] of Object.entries(plan.services)) check.service(key, service);
  for (const [key, job] of Object.entries(plan.jobs)) check.service(key, job);
  check.published(plan);
  check.once("networks", plan.networks, ({ name }) => name);
  check.once("secrets", plan.secrets, (secret) => JSON.stringify(secret));
  check.once("configs", plan.configs, (config) => JSON.stringify(config));
  for (const [key, { name, external }] of Object.entries(plan.networks))
    if (!external) check.name(["networks", key], name, "a network", dnsName, 63);
    else if (unprintable.test(name))
      check.refuse(["networks", key, "name"], `${JSON.stringify(name)} is no name`);
  check.data("secrets", plan.secrets);
  check.data("configs", plan.configs);
  check.end();
}

/** swarmkit, manager/controlapi/common.go: `validateAnnotations`. */
const dnsName = /^[a-zA-Z0-9]([a-zA-Z0-9_-]*[a-zA-Z0-9])?$/;
const volumeName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const unprintable = /[\u0000-\u001f\u007f]/;
const mebibyte = 2 ** 20;

/** Arguments that are fields of the file, or parts of them, with what their component allows. */
const fields: readonly (readonly [keyof PlannedArgs, z.ZodType, ...string[]])[] = [
  ["env", pairs, "environment"],
  ["sysctls", pairs, "sysctls"],
  ["extraHosts", pairs, "extra_hosts"],
  ["labels", pairs, "deploy", "labels"],
  ["containerLabels", pairs, "labels"],
  ["logging", schemas.logging, "logging"],
  ["replicas", count, "deploy", "replicas"],
  ["maxReplicasPerNode", count, "deploy", "placement", "max_replicas_per_node"],
  ["restartPolicy", schemas.restartPolicy, "deploy", "restart_policy"],
  ["updateConfig", schemas.updateConfig, "deploy", "update_config"],
  ["rollbackConfig", schemas.rollbackConfig, "deploy", "rollback_config"],
  ["constraints", schemas.constraints, "deploy", "placement", "constraints"],
  ["spreadOver", schemas.spreadOver, "deploy", "placement", "preferences"],
  ["dns", schemas.addresses, "dns"],
  ["healthCheck", schemas.healthCheck, "healthcheck"],
];

class Check {
  private readonly mistakes: string[] = [];

  constructor(private readonly conversion: Conversion) {}

  refuse(path: Path, text: string): void {
    this.mistakes.push(this.conversion.wrong(path, text).message);
  }

  end(): void {
    if (this.mistakes.length > 0) throw new UserError([...new Set(this.mistakes)].join("\n"));
  }

  name(path: Path, name: string, what: string, rule: RegExp, most: number): void {
    if (rule.test(name) && name.length <= most) return;
    const letters =
      rule === dnsName
        ? "letters, digits, hyphens and underscores"
        : "letters, digits, dots, hyphens and underscores";
    const ends = rule === volumeName ? "the first" : "the first and the last";
    this.refuse(
      path,
      `"${name}" cannot be the name of ${what} in a swarm: it is up to ${most} ${letters}, ${ends} a letter or a digit`,
    );
  }

  data(section: "secrets" | "configs", all: Readonly<Record<string, PlannedData>>): void {
    const what = section === "secrets" ? "secret" : "config";
    for (const [key, { name, content }] of Object.entries(all)) {
      this.name([section, key], name, `a ${what}`, allowed, longest);
      const error = content === undefined ? undefined : sizeError(what, content);
      if (error !== undefined) this.refuse([section, key, "content"], `it ${error}`);
    }
  }

  /** What is made has a name of its own. */
  once<T extends { readonly external: boolean; readonly name: string }>(
    section: string,
    all: Readonly<Record<string, T>>,
    sameness: (one: T) => string,
  ): void {
    const made = new Map<string, string>();
    for (const [key, one] of Object.entries(all)) {
      if (one.external) continue;
      const before = made.get(sameness(one));
      if (before === undefined) made.set(sameness(one), key);
      else
        this.refuse(
          [section, key, "name"],
          `${one.name} is the name of ${section}.${before} too: a swarm has it once`,
        );
    }
  }

  service(key: string, { args, secrets, configs }: Planned<PlannedTaskArgs>): void {
    const path = ["services", key];
    const service = this.conversion.model.services[key] as Service;
    this.name(path, args.serviceName ?? key, "a service", dnsName, 63);
    for (const [argument, schema, ...where] of fields)
      this.schema([...path, ...where], schema, (args as PlannedArgs)[argument]);
    this.amounts(path, args);
    this.mounts(path, service, args.mounts ?? []);
    this.files(path, "secrets", secrets);
    this.files(path, "configs", configs);
  }

  private schema(path: Path, schema: z.ZodType, value: unknown): void {
    if (value === undefined) return;
    const result = schema.safeParse(value);
    if (!result.success)
      for (const issue of result.error.issues) this.refuse([...path, ...issue.path], issue.message);
    this.keys(path, value);
  }

  /** Pulumi puts the fields of objects together one by one, and so would set the prototype. */
  private keys(path: Path, value: unknown): void {
    if (typeof value !== "object" || value === null) return;
    for (const [key, one] of Object.entries(value)) {
      if (key === "__proto__") this.refuse([...path, key], "Pulumi cannot hand over a key of this name");
      else this.keys([...path, key], one);
    }
  }

  private amounts(path: Path, args: PlannedTaskArgs): void {
    const { cpuLimit, memoryLimit, cpuReservation, memoryReservation } = args;
    const inDeploy = (...field: string[]): Path | undefined =>
      get(this.conversion.loaded.tree, ...path.map(String), "deploy", "resources", ...field)
        ? [...path, "deploy", "resources", ...field]
        : undefined;
    const memory = (amount: number | undefined, where: Path): void => {
      if (amount !== undefined && amount * mebibyte < 4 * mebibyte) this.refuse(where, "must be at least 4M");
    };
    const cpus = (amount: number | undefined, where: Path): void => {
      if (amount !== undefined && !share.safeParse(amount).success)
        this.refuse(where, `${amount} must be CPUs from 0.001 on, such as 0.5`);
    };
    memory(memoryLimit, inDeploy("limits", "memory") ?? [...path, "mem_limit"]);
    memory(memoryReservation, inDeploy("reservations", "memory") ?? [...path, "mem_reservation"]);
    cpus(cpuLimit, inDeploy("limits", "cpus") ?? [...path, "cpus"]);
    cpus(cpuReservation, inDeploy("reservations", "cpus") ?? path);
  }

  private mounts(path: Path, service: Service, mounts: NonNullable<PlannedTaskArgs["mounts"]>): void {
    const own = service.volumes?.length ?? 0;
    const seen = new Set<string>();
    mounts.forEach((mount, index) => {
      const where = index < own ? [...path, "volumes", index] : [...path, "tmpfs", index - own];
      this.schema(where, schemas.mounts.element, mount);
      const { type, source, target } = mount;
      if (type === "volume" && source !== undefined) this.name(where, source, "a volume", volumeName, 255);
      const at = posix.resolve("/", target);
      if (seen.has(at)) this.refuse(where, `something else is mounted at ${target} already`);
      seen.add(at);
    });
  }

  private files(path: Path, section: "secrets" | "configs", uses: readonly PlannedFile[]): void {
    const seen = new Set<string>();
    uses.forEach(({ target, uid, gid, permissions }, index) => {
      const where = [...path, section, index];
      for (const [field, value] of Object.entries({ uid, gid }))
        if (value !== undefined && !/^\d+$/.test(value))
          this.refuse([...where, field], `"${value}" must be a number`);
      if (permissions !== undefined && permissions > 0o777)
        this.refuse([...where, "mode"], "must be permissions up to 0777");
      const at = posix.resolve(section === "secrets" ? "/run/secrets" : "/", target);
      if (seen.has(at)) this.refuse(where, `another of the ${section} is at ${at} already`);
      seen.add(at);
    });
  }

  /** A port is published once: in the routing mesh by one service, at a node's own by one task. */
  published({ services }: StackPlan): void {
    const seen = new Map<string, { service: string; mesh: boolean }>();
    for (const [service, { args }] of Object.entries(services)) {
      const { ports = [] } = this.conversion.model.services[service] as Service;
      for (const { published, protocol = "tcp", mode = "ingress", entry } of ports) {
        if (published === undefined) continue;
        const key = `${published}/${protocol}`;
        const before = seen.get(key);
        const mesh = mode === "ingress";
        const own = before?.service === service;
        const twice =
          own && (args.ports ?? []).filter((port) => `${port.published}/${port.protocol}` === key).length < 2;
        if (before !== undefined && !twice && (own || mesh || before.mesh))
          this.refuse(
            ["services", service, "ports", entry],
            `the port ${key} is published by ${own ? "this service" : before.service} already`,
          );
        seen.set(key, { service, mesh: mesh || before?.mesh === true });
      }
    }
  }
}
