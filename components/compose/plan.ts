/** What a compose file makes in a swarm: networks, secrets, configs, services and jobs, as the components take them. */
import type * as pulumi from "@pulumi/pulumi";
import type { OverlayNetworkArgs } from "../overlayNetwork";
import type { ServiceArgs, SwarmJobArgs, TaskArgs } from "../service/args";

export interface StackPlan {
  readonly name: string;
  readonly networks: Readonly<Record<string, PlannedNetwork>>;
  readonly secrets: Readonly<Record<string, PlannedData>>;
  readonly configs: Readonly<Record<string, PlannedData>>;
  readonly services: Readonly<Record<string, PlannedService>>;
  /** By their names among the file's services. */
  readonly jobs: Readonly<Record<string, PlannedJob>>;
}

export interface PlannedNetwork {
  /** Name in the swarm. */
  readonly name: string;
  /** It is there already. */
  readonly external: boolean;
  readonly args: Known<Omit<OverlayNetworkArgs, "networkName">>;
}

/** A secret or a config. */
export interface PlannedData {
  /** Name in the swarm, or the start of it: a hash of the content follows. */
  readonly name: string;
  readonly external: boolean;
  /** Where the content is, if it is not external: one of these. */
  readonly file?: string;
  readonly environment?: string;
  readonly content?: string;
  readonly labels: Readonly<Record<string, string>>;
}

type Known<T> = pulumi.Unwrap<T>;

type Elsewhere = "networks" | "secrets" | "configs" | "registry";
export type PlannedArgs = Known<Omit<ServiceArgs, Elsewhere | "convergeTimeout">>;
export type PlannedJobArgs = Known<Omit<SwarmJobArgs, Elsewhere | "concurrency" | "runAgain" | "timeout">>;
/** What a service and a job have in common. */
export type PlannedTaskArgs = Known<Omit<TaskArgs, Elsewhere>>;
export type PlannedMount = NonNullable<PlannedArgs["mounts"]>[number];

export interface Planned<Args> {
  readonly args: Args;
  readonly networks: readonly { readonly network: string; readonly aliases: readonly string[] }[];
  readonly secrets: readonly PlannedFile[];
  readonly configs: readonly PlannedFile[];
  /** Services and jobs that are made before it. */
  readonly dependsOn: readonly string[];
}
export type PlannedService = Planned<PlannedArgs>;
export type PlannedJob = Planned<PlannedJobArgs>;

export interface PlannedFile {
  /** Key among the plan's secrets or configs. */
  readonly source: string;
  readonly target: string;
  readonly uid?: string;
  readonly gid?: string;
  readonly permissions?: number;
}

export const imageLabel = "com.docker.stack.image";
