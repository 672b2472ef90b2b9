/**
 * What a service of the swarm can be told. Words are those of the Compose specification where it has one, else of the Docker
 * Engine API ("Service"). Durations are texts such as `1m30s`; memory is in MiB.
 */
import type * as pulumi from "@pulumi/pulumi";

/** What a service and a job have in common: the tasks. */
export interface TaskArgs {
  /** Image reference. Changing it rolls the service. */
  image: pulumi.Input<string>;
  /** Name in the swarm, and so the host name for other services. Default: the resource's name. Changing it replaces the service. */
  serviceName?: pulumi.Input<string>;

  /** Program that is run in the place of the image's ENTRYPOINT. Default: that of the image. */
  entrypoint?: pulumi.Input<pulumi.Input<string>[]>;
  /** Arguments, in the place of the image's CMD. Default: those of the image. */
  command?: pulumi.Input<pulumi.Input<string>[]>;
  /** Environment variables, added to those of the image. They can be read by everybody who may inspect the service: for a password use `secrets`. */
  env?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /**
   * Files of variables, with paths relative to the project: the later ones win, `env` wins over all. Lines are as in `env_file` of Compose;
   * a name alone takes its value from the environment of `up`, else from `env`, and so do variables in values, which also see the lines and files before.
   * A file that is missing or wrong is refused before anything is made.
   */
  envFiles?: string[];
  /** Folder in which the program starts. Default: that of the image. */
  workingDir?: pulumi.Input<string>;
  /** User, or `user:group`, by name or number. Default: that of the image. */
  user?: pulumi.Input<string>;
  /** Further groups of that user. */
  groups?: pulumi.Input<pulumi.Input<string>[]>;
  /** Host name in the containers; may hold templates such as `{{.Node.Hostname}}`. Default: the container's ID. */
  hostname?: pulumi.Input<string>;
  /** Run a small init as process 1, which passes signals on and reaps zombies. Default: as the Docker daemon is set up. */
  init?: pulumi.Input<boolean>;
  /** Make the containers' root file system read-only. Default false. */
  readOnly?: pulumi.Input<boolean>;
  /** Signal that asks the program to end. Default: that of the image, else SIGTERM. */
  stopSignal?: pulumi.Input<string>;
  /** How long it may take to end before it is killed. Default `10s`. */
  stopGracePeriod?: pulumi.Input<string>;
  /** Linux capabilities to add, such as `NET_ADMIN`. */
  capAdd?: pulumi.Input<pulumi.Input<string>[]>;
  /** Linux capabilities to take away; `ALL` for all. */
  capDrop?: pulumi.Input<pulumi.Input<string>[]>;
  /** Kernel parameters of the containers' namespaces. Changing them replaces the service. */
  sysctls?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Name servers. Default: Docker's own, which knows the services' names. */
  dns?: pulumi.Input<pulumi.Input<string>[]>;
  /** Domains that are tried for names without a dot. */
  dnsSearch?: pulumi.Input<pulumi.Input<string>[]>;
  /** Options of the resolver, such as `ndots:2`. */
  dnsOptions?: pulumi.Input<pulumi.Input<string>[]>;
  /** Lines for the containers' `/etc/hosts`: name to address. */
  extraHosts?: pulumi.Input<Record<string, pulumi.Input<string>>>;

  /** Labels of the service. */
  labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Labels of its containers. Changing them replaces the service. */
  containerLabels?: pulumi.Input<Record<string, pulumi.Input<string>>>;

  /** Networks its tasks are on. Default: none. Changing them replaces the service. */
  networks?: pulumi.Input<pulumi.Input<ServiceNetwork>[]>;
  /** Volumes, folders of the node, and memory file systems. */
  mounts?: pulumi.Input<pulumi.Input<ServiceMount>[]>;
  /** Secrets, as files in `/run/secrets`; `SwarmSecret.file()` makes one of these. */
  secrets?: pulumi.Input<pulumi.Input<ServiceFile>[]>;
  /** Configuration files; `SwarmConfig.file()` makes one of these. */
  configs?: pulumi.Input<pulumi.Input<ServiceFile>[]>;

  /** Share of CPUs each task may use, such as 0.5. Default: all there is. */
  cpuLimit?: pulumi.Input<number>;
  /** Memory each task may use, in MiB; more kills it. Default: all there is. */
  memoryLimit?: pulumi.Input<number>;
  /** CPUs that a node must have free for each task. Default 0. */
  cpuReservation?: pulumi.Input<number>;
  /** Memory that a node must have free for each task, in MiB. Default 0. */
  memoryReservation?: pulumi.Input<number>;
  /** Where tasks may run, such as `node.role==manager` or `node.labels.disk==ssd`; all must hold. Default: anywhere. */
  constraints?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Spread tasks evenly over the values of these, such as `node.labels.zone`. For the swarm they are levels, for the plugin a set: of several, Pulumi's own
   * has an order of its own, and another order alone is no change.
   */
  spreadOver?: pulumi.Input<pulumi.Input<string>[]>;
  /** Tasks on one node at most. Default 0: as many as fit. */
  maxReplicasPerNode?: pulumi.Input<number>;
  /** How Docker finds out whether a task is well. Default: that of the image. */
  healthCheck?: pulumi.Input<ServiceHealthCheck>;
  /** Where the tasks' output goes. Default: as the Docker daemon is set up. */
  logging?: pulumi.Input<ServiceLogging>;
  /** Who may pull the image. Default: what the Docker provider has in `registryAuth`. */
  registry?: pulumi.Input<ServiceRegistry>;

  // The Docker plugin has no fields for these: of a service, the command `<name>-fields` sets them (docs/swarm.md).
  /**
   * Limits of the tasks' processes (setrlimit), by name: `{ nofile: { soft: 1024, hard: 4096 } }`; -1 for none. Default: as the Docker daemon is
   * set up.
   */
  ulimits?: pulumi.Input<Record<string, pulumi.Input<TaskUlimit>>>;
  /** Give the tasks a terminal. Default false. */
  tty?: pulumi.Input<boolean>;
  /** Keep the tasks' standard input open. Default false. */
  stdinOpen?: pulumi.Input<boolean>;
  /** Processes and threads each task may have. Default: no limit. */
  pidsLimit?: pulumi.Input<number>;
  /** Filter of system calls: `default` (Docker's), `unconfined` (none), or the JSON of a profile. Default `default`. Needs Docker 25. */
  seccomp?: pulumi.Input<string>;
  /** `default` (Docker's profile, where the node has AppArmor) or `disabled`. Default `default`. Needs Docker 25. */
  apparmor?: pulumi.Input<string>;
  /** Processes gain no privileges by what they start, such as by setuid. Default false. Needs Docker 25. */
  noNewPrivileges?: pulumi.Input<boolean>;
}

export interface TaskUlimit {
  soft: pulumi.Input<number>;
  hard: pulumi.Input<number>;
}

export interface ServiceArgs extends TaskArgs {
  /** `replicated` (as many tasks as `replicas`) or `global` (one on every node that fits). Default `replicated`. Changing it replaces the service. */
  mode?: pulumi.Input<string>;
  /** Number of tasks. Default 1. Changed in place. Not of a global service. */
  replicas?: pulumi.Input<number>;
  /** Ports to be reached from outside. */
  ports?: pulumi.Input<pulumi.Input<ServicePort>[]>;
  /** How other services find it: `vip` (one address, connections are spread) or `dnsrr` (the addresses of all tasks). Default `vip`. */
  endpointMode?: pulumi.Input<string>;
  /** When a task that ended is started again. Default: always, after 5 seconds. */
  restartPolicy?: pulumi.Input<ServiceRestartPolicy>;
  /** How a change is rolled out. Default: one task after the other, the old one stopped first; paused if a task fails. */
  updateConfig?: pulumi.Input<ServiceRollout>;
  /** How a rollback goes. Default: one task after the other, the old one stopped first. */
  rollbackConfig?: pulumi.Input<ServiceRollout>;
  /** How long `up` waits until all tasks run, healthy where they have a health check. Default `15m`. */
  convergeTimeout?: pulumi.Input<string>;
}

export interface ServiceNetwork {
  /** By its ID (`OverlayNetwork.networkId`, `nodeNetworkId("host", …)`): by name a plan would show a difference for ever. */
  networkId: pulumi.Input<string>;
  /** Further names of the service on this network. */
  aliases?: pulumi.Input<pulumi.Input<string>[]>;
}

export interface ServicePort {
  /** Port in the containers. */
  target: pulumi.Input<number>;
  /** Port at the nodes. Default: one that the swarm chooses. */
  published?: pulumi.Input<number>;
  /** `tcp`, `udp` or `sctp`. Default `tcp`. */
  protocol?: pulumi.Input<string>;
  /** `ingress` (every node answers, whichever runs the tasks) or `host` (those nodes that run one). Default `ingress`. */
  mode?: pulumi.Input<string>;
}

export interface ServiceMount {
  /** `volume` (Docker's own, made on first use on each node), `bind` (a folder or file that the node has) or `tmpfs` (memory). */
  type: pulumi.Input<string>;
  /** Path in the containers. */
  target: pulumi.Input<string>;
  /** Name of the volume, or path on the node. None: a volume without a name. */
  source?: pulumi.Input<string>;
  /** Default false. */
  readOnly?: pulumi.Input<boolean>;
  /** Of a `bind`: `private`, `rprivate`, `shared`, `rshared`, `slave` or `rslave`. Default `rprivate`. */
  propagation?: pulumi.Input<string>;
  /** Of a `volume`: leave it empty, instead of filling a new one with what the image has there. Default false. */
  noCopy?: pulumi.Input<boolean>;
  /** Of a `volume`: its driver, when it is made. Default `local`. */
  driver?: pulumi.Input<string>;
  /** Of a `volume`: options for its driver. */
  driverOptions?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Of a `volume`: its labels, when it is made. */
  labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** Of a `tmpfs`: MiB at most. Default: no limit. */
  size?: pulumi.Input<number>;
  /** Of a `tmpfs`: permissions as an octal number, at most `0o777`. Default `0o1777`. */
  permissions?: pulumi.Input<number>;
}

/** A secret or a config as the containers see it. */
export interface ServiceFile {
  id: pulumi.Input<string>;
  /** Name in the swarm. */
  name: pulumi.Input<string>;
  /** File's name in `/run/secrets`, or an absolute path. */
  target: pulumi.Input<string>;
  /** Owner, by number. Default `0`. */
  uid?: pulumi.Input<string>;
  /** Group, by number. Default `0`. */
  gid?: pulumi.Input<string>;
  /** Permissions, as an octal number. Default `0o444`. */
  permissions?: pulumi.Input<number>;
}

export interface ServiceRestartPolicy {
  /** `any`, `on-failure` or `none`. Default `any`. */
  condition?: pulumi.Input<string>;
  /** Time before it is started again. Default `5s`. */
  delay?: pulumi.Input<string>;
  /** How often. Default 0: always. */
  maxAttempts?: pulumi.Input<number>;
  /** Time in which `maxAttempts` counts. Default `0s`: all the time. */
  window?: pulumi.Input<string>;
}

export interface ServiceRollout {
  /** Tasks at a time; 0 is all. Default 1. */
  parallelism?: pulumi.Input<number>;
  /** Time between one and the next. Default `0s`. */
  delay?: pulumi.Input<string>;
  /** `pause`, `continue` or, of an update, `rollback`. Default `pause`. */
  failureAction?: pulumi.Input<string>;
  /** How long a new task is watched for failure. Default `5s`. */
  monitor?: pulumi.Input<string>;
  /** Share of tasks that may fail, 0 to 1 in steps of 0.1. Default 0. */
  maxFailureRatio?: pulumi.Input<number>;
  /** `stop-first`, or `start-first`: the new task runs before the old one ends. Default `stop-first`. */
  order?: pulumi.Input<string>;
}

export interface ServiceHealthCheck {
  /** As Docker's HEALTHCHECK: `["CMD", "curl", "-f", "http://localhost"]`, `["CMD-SHELL", "…"]` or `["NONE"]`. */
  test: pulumi.Input<pulumi.Input<string>[]>;
  /** Time between two checks. Default `30s`. */
  interval?: pulumi.Input<string>;
  /** Time a check may take. Default `30s`. */
  timeout?: pulumi.Input<string>;
  /** Time in which a failing check does not count, after the start. Default `0s`. */
  startPeriod?: pulumi.Input<string>;
  /** Time between two checks in `startPeriod`; as `ulimits`, not of the Docker plugin. Default `5s`. Needs Docker 25. */
  startInterval?: pulumi.Input<string>;
  /** Failures in a row that make a task unhealthy. Default 3. */
  retries?: pulumi.Input<number>;
}

export interface ServiceLogging {
  /** Name of a logging driver, such as `json-file`, `local` or `syslog`. */
  driver: pulumi.Input<string>;
  /** What it is told, such as `max-size`. */
  options?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

export interface ServiceRegistry {
  /** Such as `registry.example.com`. */
  server: pulumi.Input<string>;
  username?: pulumi.Input<string>;
  /** Kept as a secret. */
  password?: pulumi.Input<string>;
}

/** See `TaskArgs` for what each task is. Changing any of it, but for `timeout`, runs the job again. */
export interface SwarmJobArgs extends TaskArgs {
  /** Run once on every node that fits (Docker's `global-job`), in the place of `completions`. Default false. Changing it replaces the job. */
  everyNode?: pulumi.Input<boolean>;
  /** Tasks that have to end well (Docker's `replicated-job`). Default 1. */
  completions?: pulumi.Input<number>;
  /** Tasks that run at once. Default: all of them. */
  concurrency?: pulumi.Input<number>;
  /** How often each task that failed is tried again. Default 0. */
  retries?: pulumi.Input<number>;
  /** Any text: another one runs the job again. Default none. */
  runAgain?: pulumi.Input<string>;
  /** How long `up` waits for its end. Default `15m`. */
  timeout?: pulumi.Input<string>;
}
