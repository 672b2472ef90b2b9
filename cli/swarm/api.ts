/** What is used of the Docker Engine API's answers ("Task", "Node", "Service"). */

export type ApiTask = {
  readonly ID: string;
  readonly ServiceID: string;
  /** Of a replicated service. */
  readonly Slot?: number;
  readonly NodeID?: string;
  readonly CreatedAt: string;
  readonly DesiredState: string;
  readonly Spec: {
    readonly ContainerSpec?: { readonly Image?: string };
    readonly Resources?: ApiResources;
  };
  readonly Status: {
    readonly State: string;
    readonly Timestamp: string;
    readonly Err?: string;
    readonly Message?: string;
    readonly ContainerStatus?: { readonly ContainerID?: string; readonly ExitCode?: number };
  };
};

type ApiAmount = { readonly NanoCPUs?: number; readonly MemoryBytes?: number };
type ApiResources = { readonly Reservations?: ApiAmount };

export type ApiNode = {
  readonly ID: string;
  readonly Spec: {
    readonly Role: string;
    readonly Availability: string;
    readonly Labels?: Readonly<Record<string, string>>;
  };
  readonly Description: {
    readonly Hostname: string;
    readonly Platform?: { readonly OS?: string; readonly Architecture?: string };
    readonly Resources?: ApiAmount;
    readonly Engine?: {
      readonly EngineVersion?: string;
      readonly Labels?: Readonly<Record<string, string>>;
    };
  };
  readonly Status: { readonly State: string; readonly Addr?: string; readonly Message?: string };
  readonly ManagerStatus?: {
    readonly Leader?: boolean;
    readonly Reachability?: string;
    readonly Addr?: string;
  };
};

export type ApiPort = {
  readonly Protocol?: string;
  readonly TargetPort?: number;
  readonly PublishedPort?: number;
  readonly PublishMode?: string;
};

export type ApiPlacement = {
  readonly Constraints?: readonly string[];
  readonly Preferences?: readonly { readonly Spread?: { readonly SpreadDescriptor?: string } }[];
  readonly MaxReplicas?: number;
  readonly Platforms?: readonly { readonly Architecture?: string; readonly OS?: string }[];
};

type ApiMount = {
  readonly Type?: string;
  readonly Source?: string;
  readonly Target?: string;
  readonly ReadOnly?: boolean;
};

export type ApiVolume = {
  readonly Name: string;
  readonly Driver: string;
  readonly Mountpoint: string;
  readonly Options?: Readonly<Record<string, string>> | null;
};

export type ApiServiceSpec = {
  readonly Name: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly TaskTemplate: {
    readonly ContainerSpec?: {
      readonly Image?: string;
      readonly TTY?: boolean;
      readonly Mounts?: readonly ApiMount[];
      /** Nanoseconds. */
      readonly StopGracePeriod?: number;
    };
    readonly Placement?: ApiPlacement;
    readonly Resources?: ApiResources;
    readonly RestartPolicy?: { readonly Condition?: string };
    readonly ForceUpdate?: number;
  };
  readonly Mode?: {
    readonly Replicated?: { readonly Replicas?: number };
    readonly ReplicatedJob?: { readonly TotalCompletions?: number };
    readonly GlobalJob?: Readonly<Record<string, never>>;
    readonly Global?: Readonly<Record<string, never>>;
  };
};

export type ApiService = {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: ApiServiceSpec;
  readonly PreviousSpec?: ApiServiceSpec;
  readonly Endpoint?: { readonly Ports?: readonly ApiPort[] };
  readonly UpdateStatus?: { readonly State?: string; readonly Message?: string };
};
