/** What `machine ls` tells of a machine. */
export interface MachineRow {
  readonly name: string;
  readonly cluster: string;
  readonly driver: string;
  /** `running`, `paused`, `stopped`, `absent` while its disk is not made yet, `unreachable` (an existing host), or `unknown` if its driver cannot tell. */
  readonly state: string;
  /** Address at which this host reaches it. */
  readonly address: string;
  readonly privateAddress: string;
  readonly cpus: number;
  /** MiB. */
  readonly memory: number;
  /** For DOCKER_HOST. */
  readonly url: string;
  /** Whether this shell's docker talks to it. */
  readonly active: boolean;
  /** `manager` or `worker`; empty outside a swarm and while it does not answer. */
  readonly swarm: string;
  /** Version of its Docker; empty while it does not answer. */
  readonly docker: string;
  /** MiB of the disk that is the fuller of `/` and Docker's; `null` while it does not answer. */
  readonly diskSize: number | null;
  readonly diskFree: number | null;
  /** MiB that its programs can still have; `null` while it does not answer. */
  readonly memoryFree: number | null;
  /** What is wrong with it; empty if nothing is. */
  readonly error: string;
}
