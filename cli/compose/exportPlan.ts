/** The services and jobs in a stack's state as a plan, from which a compose file is written. */

import { withoutUndefined } from "../../components/compose/conversion";
import { Keys } from "../../components/compose/keys";
import type {
  Planned,
  PlannedData,
  PlannedFile,
  PlannedMount,
  PlannedNetwork,
  StackPlan,
} from "../../components/compose/plan";
import { recordOf } from "../../components/compose/recordOf";
import { namespaceLabel } from "../../host/contentName";
import { UserError } from "../../host/userError";
import { toldTo, withFieldsOf } from "./exportFields";
import { type JobState, jobOf } from "./exportJob";
import { type ServiceState, serviceOf } from "./exportService";
import { Opened } from "./opened";
import { fields, flag, Hidden, items, revealed, text, type Value } from "./stateValues";

interface Resource {
  readonly type: string;
  readonly id: string;
  readonly inputs: Record<string, Value>;
  readonly outputs: Record<string, Value>;
}

export interface Exported {
  readonly plan: StackPlan;
  /** What the file does not have. */
  readonly notes: readonly string[];
}

/** @param stack only what `docker stack` counts to it; default: everything, if it is of one stack or none */
export function planOfState(deployment: unknown, stack?: string): Exported {
  const resources = resourcesOf(deployment);
  const more = new Map(
    resources.flatMap(({ inputs }) => {
      const told = toldTo("swarm-service", inputs);
      return told === undefined ? [] : [[text(told.serviceId), fields(told.fields)] as const];
    }),
  );
  const variables = new Map<string, string>();
  const all = resources
    .filter(({ type }) => type === "docker:index/service:Service")
    .map(({ id, inputs }) => {
      const service = serviceOf(inputs, variables);
      return { ...service, args: withFieldsOf(service.args, more.get(id) ?? {}) };
    });
  const allJobs = resources
    .filter(({ type }) => type === "command:local:Command")
    .flatMap(({ inputs }) => jobOf(inputs, variables) ?? []);
  const stacks = [...new Set([...all, ...allJobs].map((one) => one.stack))];
  if (stack === undefined && stacks.length > 1)
    throw new UserError(
      "the services are of several stacks",
      stacks.map((name) => name ?? "(none)").join(", "),
      "say which: --name <stack>",
    );
  const known = stacks.filter((name) => name !== undefined);
  if (stack !== undefined && known.length > 0 && !known.includes(stack))
    throw new UserError(`there are no services of the stack ${stack}`, `there are: ${known.join(", ")}`);
  const isOfStack = (one: { readonly stack: string | undefined }) => stacks.length < 2 || one.stack === stack;
  const services = all.filter(isOfStack);
  const jobs = allJobs.filter(isOfStack);
  if (services.length + jobs.length === 0) throw new UserError("the stack has no services");
  const name = stack ?? [...services, ...jobs][0]?.stack ?? "stack";
  return new Export(name, resources, variables).result(services, jobs);
}

function resourcesOf(deployment: unknown): Resource[] {
  const { resources } = (deployment ?? {}) as { resources?: unknown };
  return (Array.isArray(resources) ? resources : []).flatMap((one: Record<string, unknown>) =>
    one.custom === true && one.delete !== true && typeof one.id === "string"
      ? [
          {
            type: String(one.type),
            id: one.id,
            inputs: fields(revealed(one.inputs ?? {})),
            outputs: fields(revealed(one.outputs ?? {})),
          },
        ]
      : [],
  );
}

class Export {
  private readonly keys: Readonly<Record<"services" | "networks" | "secrets" | "configs", Keys>>;
  private readonly networks = recordOf<PlannedNetwork>([]);
  private readonly secrets = recordOf<PlannedData>([]);
  private readonly configs = recordOf<PlannedData>([]);
  private readonly secretConfigs = new Set<string>();
  private readonly notes: string[] = [];

  constructor(
    private readonly stack: string,
    private readonly resources: readonly Resource[],
    /** Texts that the file's variables stand for, by name. */
    private readonly variables: Map<string, string>,
  ) {
    const keys = (): Keys => new Keys(stack);
    this.keys = { services: keys(), networks: keys(), secrets: keys(), configs: keys() };
  }

  result(services: readonly ServiceState[], jobs: readonly JobState[]): Exported {
    const known = volumesOf([...services, ...jobs].flatMap(({ args }) => args.mounts ?? []));
    return this.exported(
      services.map((state) => withVolumes(state, known)),
      jobs.map((state) => withVolumes(state, known)),
    );
  }

  private exported(states: readonly ServiceState[], jobStates: readonly JobState[]): Exported {
    const services = recordOf(states.map((state) => this.planned(state)));
    const jobs = recordOf(jobStates.map((state) => this.planned(state)));
    for (const { name, lost } of jobStates)
      if (lost.length > 0)
        this.notes.push(
          `services.${this.keys.services.of(name)}: a compose file has no field for ${lost.join(" and ")} of a job`,
        );
    const { stack: name, networks, secrets, configs, notes } = this;
    for (const [key, { args }] of Object.entries({ ...services, ...jobs }))
      if (args.seccomp !== undefined && args.seccomp !== "unconfined")
        notes.push(
          `services.${key}: a compose file names the file of a seccomp profile, the profile itself is not written`,
        );
    if (Object.keys(secrets).length > 0)
      notes.push(
        `secrets are external in the file, their contents are not written: ${Object.keys(secrets).join(", ")}`,
      );
    if (this.secretConfigs.size > 0)
      notes.push(
        `configs are external in the file where their contents are secrets: ${[...this.secretConfigs].join(", ")}`,
      );
    return { plan: { name, networks, secrets, configs, services, jobs }, notes };
  }

  private planned<Args>({ name, args, hidden, ...state }: ServiceState<Args>): [string, Planned<Args>] {
    const key = this.keys.services.of(name);
    this.noteVariables(`services.${key}`, hidden);
    return [
      key,
      {
        args,
        networks: state.networks
          .map(({ id, aliases }) => ({ network: this.network(id), aliases: withOwn(aliases, key) }))
          .sort((one, other) => (one.network < other.network ? -1 : 1)),
        secrets: state.secrets.map((use) => this.file("secrets", use)),
        configs: state.configs.map((use) => this.file("configs", use)),
        dependsOn: [],
      },
    ];
  }

  private noteVariables(what: string, names: readonly string[]): void {
    if (names.length > 0) this.notes.push(`${what}: secrets are variables in the file: ${names.join(", ")}`);
  }

  private network(id: string): string {
    const made = this.resources.find(
      (resource) => resource.type === "docker:index/network:Network" && resource.id === id,
    );
    if (made === undefined) {
      const key = this.keys.networks.of(id);
      if (this.networks[key] === undefined)
        this.notes.push(
          `networks.${key} is external, and the state has its ID only: write its name in the place of the ID`,
        );
      this.networks[key] = { name: id, external: true, args: {} };
      return key;
    }
    const { inputs } = made;
    const name = text(inputs.name) ?? id;
    const key = this.keys.networks.of(name);
    if (key in this.networks) return key;
    const open = new Opened(name, this.variables);
    const { encrypted, ...options } = fields(inputs.options);
    const subnets = items(inputs.ipamConfigs).map((one) => {
      const { subnet, gateway, ipRange } = fields(one);
      return withoutUndefined({ subnet: text(subnet), gateway: text(gateway), ipRange: text(ipRange) });
    });
    const ipamDriver = text(inputs.ipamDriver);
    this.networks[key] = {
      name,
      external: false,
      args: withoutUndefined({
        attachable: flag(inputs.attachable) || undefined,
        internal: flag(inputs.internal) || undefined,
        ipv6: flag(inputs.ipv6),
        encrypted: encrypted === undefined ? undefined : true,
        driverOptions: open.map(options, "option"),
        ipamDriver: ipamDriver === "default" ? undefined : ipamDriver,
        ipamOptions: open.map(inputs.ipamOptions, "ipam"),
        subnets: subnets.length > 0 ? subnets : undefined,
        labels: this.labels(inputs.labels, open),
      }),
    };
    this.noteVariables(`networks.${key}`, open.variables);
    return key;
  }

  private labels(list: Value | undefined, open: Opened): Record<string, string> {
    return { ...open.labels(list), [namespaceLabel]: this.stack };
  }

  private file(
    section: "secrets" | "configs",
    { id, name, ...use }: ServiceState["secrets"][number],
  ): PlannedFile {
    const made = this.resources.find(
      (resource) => resource.type === "docker:index/serviceConfig:ServiceConfig" && resource.id === id,
    );
    // Our own names end in a hash of the content.
    const start = name.replace(/-[0-9a-f]{12}$/, "");
    const all = this[section];
    const data = section === "configs" ? made?.inputs.data : undefined;
    const source = this.keys[section].of(name, start);
    if (source in all) return { source, ...use };
    if (data instanceof Hidden) this.secretConfigs.add(source);
    if (made === undefined || typeof data !== "string") {
      all[source] = { name, external: true, labels: {} };
      return { source, ...use };
    }
    const open = new Opened(start, this.variables);
    all[source] = {
      name: start,
      external: false,
      content: Buffer.from(data, "base64").toString("utf8"),
      labels: this.labels(made.inputs.labels, open),
    };
    this.noteVariables(`configs.${source}`, open.variables);
    return { source, ...use };
  }
}

type Mounts = readonly PlannedMount[];

/** Settings of volumes, by name, of which some service says how they are made. */
const volumesOf = (mounts: Mounts): ReadonlyMap<string, Partial<PlannedMount>> =>
  new Map(
    mounts.flatMap(({ type, source, driver, driverOptions, labels }) =>
      type === "volume" && source !== undefined && (driver ?? driverOptions ?? labels) !== undefined
        ? [[source, withoutUndefined({ driver, driverOptions, labels })] as const]
        : [],
    ),
  );

/** A volume of which a service has the name only is made as another service says. */
function withVolumes<S extends { readonly args: { readonly mounts?: Mounts } }>(
  state: S,
  known: ReadonlyMap<string, Partial<PlannedMount>>,
): S {
  const { mounts } = state.args;
  if (mounts === undefined) return state;
  const all = mounts.map((mount) =>
    mount.type === "volume" && mount.source !== undefined ? { ...known.get(mount.source), ...mount } : mount,
  );
  return { ...state, args: { ...state.args, mounts: all } };
}

/** The service's own name is the last of its aliases, as the compose file gives it. */
const withOwn = (aliases: readonly string[], key: string): string[] =>
  aliases.length === 0 ? [] : [...aliases.filter((alias) => alias !== key), key];
