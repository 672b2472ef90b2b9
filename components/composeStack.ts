import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { isNodeNetwork } from "../host/nodeNetworks";
import { UserError } from "../host/userError";
import { Component } from "./component";
import { type Converted, convert } from "./compose/convert";
import { dataOf } from "./compose/data";
import { load } from "./compose/load";
import { warningText } from "./compose/place";
import type { Planned, PlannedData, PlannedFile, PlannedTaskArgs } from "./compose/plan";
import { ownValue, recordOf } from "./compose/recordOf";
import { nodeNetworkId } from "./network/nodeNetwork";
import { OverlayNetwork } from "./overlayNetwork";
import { warnWithoutSwarm } from "./program";
import type { ServiceFile } from "./service/args";
import { type ArgumentSchemas, atOnce, checkArguments } from "./service/arguments";
import { duration, text } from "./service/checks";
import { record } from "./service/record";
import { inherited } from "./serviceDefaults";
import { SwarmConfig } from "./swarmConfig";
import { SwarmJob } from "./swarmJob";
import { SwarmSecret } from "./swarmSecret";
import { SwarmService } from "./swarmService";

export interface ComposeStackArgs {
  /** The compose file. */
  file?: string;
  /** Several compose files, the later ones merged over the earlier ones. */
  files?: string[];
  /** Text of a compose file, in the place of a file. */
  yaml?: string;
  /** Folder that relative paths and `.env` are looked for in. Default: that of the first file. */
  folder?: string;
  /** Name of the stack, which the names in the swarm start with. Default: `name` in the file, else the resource's name. Changing it replaces all. */
  stackName?: string;
  /** Profiles whose services are made too; `*` is all. Default: those in the variable `COMPOSE_PROFILES`. */
  profiles?: string[];
  /** Variables for the file. They come before those of the environment and of the file `.env`. */
  variables?: Record<string, string>;
  /** IDs of the networks that are external in the file, by their names in the swarm. Default: they are looked up. */
  externalNetworks?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** IDs of the secrets that are external in the file, by their names in the swarm: the Docker provider cannot look them up. */
  externalSecrets?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** IDs of the configs that are external in the file, by their names in the swarm: the Docker provider cannot look them up. */
  externalConfigs?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** How long `up` waits for the end of each job in the file. Default `15m`. */
  jobTimeout?: pulumi.Input<string>;
}

/** The file is read while the program runs. */
const plainText = atOnce(z.string().min(1, "must not be empty"));
const variables = atOnce(record(z.string().min(1, "a name must not be empty"), z.string()));
const ids = record(text, text);

const argumentSchemas: ArgumentSchemas<ComposeStackArgs> = {
  file: plainText.optional(),
  files: atOnce(z.array(text)).optional(),
  yaml: atOnce(z.string()).optional(),
  folder: plainText.optional(),
  stackName: plainText.optional(),
  profiles: atOnce(z.array(text)).optional(),
  variables: variables.optional(),
  externalNetworks: ids.optional(),
  externalSecrets: ids.optional(),
  externalConfigs: ids.optional(),
  jobTimeout: duration.optional(),
};

/**
 * What a compose file describes, as resources of their own: a plan shows each change, and what is no longer in the file goes. Names are those of
 * `docker stack deploy`. What a swarm cannot do is a warning that names the line; docs/compose.md.
 *
 * @example
 * new ComposeStack("shop", { file: "docker-compose.yml" }, cluster.onSwarm);
 */
export class ComposeStack extends Component {
  readonly stackName: string;
  /** By their names in the file. */
  readonly services: Readonly<Record<string, SwarmService>>;
  /** Services whose `deploy.mode` is `replicated-job` or `global-job`, by their names in the file. */
  readonly jobs: Readonly<Record<string, SwarmJob>>;
  /** Those that are not external, by their names in the file. */
  readonly networks: Readonly<Record<string, OverlayNetwork>>;
  /** IDs of the services, by their names in the file. */
  readonly serviceIds: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: ComposeStackArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:ComposeStack", name, opts);
    checkArguments(`ComposeStack "${name}"`, args, argumentSchemas);
    warnWithoutSwarm(this, `ComposeStack "${name}"`, opts);
    const { plan, warnings, contents } = read(name, args);
    for (const warning of warnings) void pulumi.log.warn(warningText(warning), this);
    this.stackName = plan.name;
    const child = { ...inherited(opts), parent: this };
    const idOf = (kind: "Secret" | "Config", external: string) =>
      pulumi.output(args[`external${kind}s`] ?? {}).apply((known) => {
        const id = ownValue(known, external);
        if (id !== undefined) return id;
        throw new pulumi.RunError(
          `ComposeStack "${name}": the ${kind.toLowerCase()} "${external}" is external and the Docker provider cannot look it up: give its ID in external${kind}s`,
        );
      });

    const networks = recordOf<OverlayNetwork>([]);
    const networkIds = recordOf<pulumi.Output<string>>([]);
    for (const [key, { name: networkName, external, args: more }] of Object.entries(plan.networks)) {
      if (external) {
        const lookUp = { parent: this, dependsOn: opts?.dependsOn };
        networkIds[key] = pulumi.output(args.externalNetworks ?? {}).apply((ids) => {
          const id = ownValue(ids, networkName);
          if (id !== undefined) return pulumi.output(id);
          if (!isNodeNetwork(networkName)) return docker.getNetworkOutput({ name: networkName }, lookUp).id;
          const provider = this.getProvider("docker:index/service:Service");
          return nodeNetworkId(networkName, { ...lookUp, provider });
        });
        continue;
      }
      const network = new OverlayNetwork(`${name}-${key}`, { networkName, ...more }, child);
      networks[key] = network;
      networkIds[key] = network.networkId;
    }

    const filesOf = (
      kind: "Secret" | "Config",
      planned: Readonly<Record<string, PlannedData>>,
      make: (key: string, data: PlannedData) => SwarmSecret | SwarmConfig,
    ): Files =>
      recordOf(
        Object.entries(planned).map(([key, data]): [string, Files[string]] => {
          if (data.external) {
            const id = idOf(kind, data.name);
            return [key, ({ source: _, ...use }) => ({ id, name: data.name, ...use })];
          }
          const made = make(key, data);
          return [key, ({ source: _, target, ...use }) => made.file(target, use)];
        }),
      );
    const secretFiles = filesOf(
      "Secret",
      plan.secrets,
      (key, { name: secretName, labels }) =>
        new SwarmSecret(
          `${name}-${key}`,
          { secretName, data: contents.secrets[key] as string, labels },
          child,
        ),
    );
    const configFiles = filesOf(
      "Config",
      plan.configs,
      (key, { name: configName, labels }) =>
        new SwarmConfig(
          `${name}-${key}`,
          { configName, data: contents.configs[key] as string, labels },
          child,
        ),
    );

    const services = recordOf<SwarmService>([]);
    const jobs = recordOf<SwarmJob>([]);
    const taskArgs = <Args extends PlannedTaskArgs>(planned: Planned<Args>) => ({
      ...planned.args,
      networks: planned.networks.map(({ network, aliases }) => ({
        networkId: networkIds[network] as pulumi.Output<string>,
        ...(aliases.length > 0 && { aliases: [...aliases] }),
      })),
      ...(planned.secrets.length > 0 && { secrets: planned.secrets.map((use) => used(secretFiles, use)) }),
      ...(planned.configs.length > 0 && { configs: planned.configs.map((use) => used(configFiles, use)) }),
    });
    const make = (key: string): SwarmService | SwarmJob | undefined => {
      const service = plan.services[key];
      const job = plan.jobs[key];
      const made = services[key] ?? jobs[key];
      if (made !== undefined) return made;
      const options = (dependsOn: readonly string[]) => ({
        ...child,
        dependsOn: dependsOn.flatMap((other) => make(other) ?? []),
      });
      if (service)
        services[key] = new SwarmService(`${name}-${key}`, taskArgs(service), options(service.dependsOn));
      if (job)
        jobs[key] = new SwarmJob(
          `${name}-${key}`,
          { ...taskArgs(job), timeout: args.jobTimeout },
          options(job.dependsOn),
        );
      return services[key] ?? jobs[key];
    };
    for (const key of [...Object.keys(plan.services), ...Object.keys(plan.jobs)]) make(key);

    this.services = services;
    this.jobs = jobs;
    this.networks = networks;
    this.serviceIds = pulumi.output(
      Object.fromEntries(Object.entries(services).map(([key, { serviceId }]) => [key, serviceId])),
    );
    this.registerOutputs({ stackName: this.stackName, serviceIds: this.serviceIds });
  }
}

/** How a service is given each secret, or config, by its name in the file. */
type Files = Record<string, (use: PlannedFile) => ServiceFile>;

function used(files: Files, use: PlannedFile): ServiceFile {
  return (files[use.source] as Files[string])(use);
}

interface Read extends Converted {
  readonly contents: Readonly<Record<"secrets" | "configs", Readonly<Record<string, string>>>>;
}

/** All that is read is read before anything is made. Errors are the user's: no stack of ours helps. */
function read(name: string, args: ComposeStackArgs): Read {
  const { file, files, stackName, ...rest } = args;
  try {
    const all = [...(file === undefined ? [] : [file]), ...(files ?? [])];
    const loaded = load({ ...rest, files: all, stackName, defaultName: name });
    const converted = convert(loaded, name, stackName);
    const { secrets, configs } = converted.plan;
    const contents = (section: "secrets" | "configs", all: typeof secrets): Record<string, string> =>
      recordOf(
        Object.entries(all)
          .filter(([, { external }]) => !external)
          .map(([key, one]) => [key, dataOf(section, key, one, loaded)] as const),
      );
    return {
      ...converted,
      contents: { secrets: contents("secrets", secrets), configs: contents("configs", configs) },
    };
  } catch (error) {
    if (error instanceof UserError) throw new pulumi.RunError(error.message);
    throw error;
  }
}
