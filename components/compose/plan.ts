/** What a compose file makes in a swarm: networks, secrets, configs and services, as the components take them. */
import type * as pulumi from "@pulumi/pulumi";
import type { OverlayNetworkArgs } from "../overlayNetwork";
import type { ServiceArgs } from "../service/args";

export interface StackPlan {
  readonly name: string;
  readonly networks: Readonly<Record<string, PlannedNetwork>>;
  readonly secrets: Readonly<Record<string, PlannedData>>;
  readonly configs: Readonly<Record<string, PlannedData>>;
  readonly services: Readonly<Record<string, PlannedService>>;
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

export type Known<T> = pulumi.Unwrap<T>;

export type PlannedArgs = Known<
  Omit<ServiceArgs, "networks" | "secrets" | "configs" | "registry" | "convergeTimeout">
>;
export type PlannedMount = NonNullable<PlannedArgs["mounts"]>[number];

export interface PlannedService {
  readonly args: PlannedArgs;
  readonly networks: readonly { readonly network: string; readonly aliases: readonly string[] }[];
  readonly secrets: readonly PlannedFile[];
  readonly configs: readonly PlannedFile[];
  /** Services that are made before it. */
  readonly dependsOn: readonly string[];
}

export interface PlannedFile {
  /** Key among the plan's secrets or configs. */
  readonly source: string;
  readonly target: string;
  readonly uid?: string;
  readonly gid?: string;
  readonly permissions?: number;
}

export const namespaceLabel = "com.docker.stack.namespace";
export const imageLabel = "com.docker.stack.image";
