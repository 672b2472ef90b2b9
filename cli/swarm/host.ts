/** The swarm of a program, as the components know it: by the address that its docker provider has. */
import { existsSync } from "node:fs";
import { clusterFiles } from "../../machine/paths";
import type { Progress } from "../../machine/progress";
import { isMachineName } from "../../machine/spec";
import { DockerApi } from "../../providers/docker/api";
import { type Daemon, daemonOf } from "../../providers/docker/settings";
import type { Operation } from "../../providers/rpc/resource";
import { quietly } from "./swarm";

/** A cluster's own name is known here only. */
function daemonAt(host: string | undefined): Daemon {
  const daemon = daemonOf(host === undefined ? {} : { host }) as Daemon;
  if (daemon.kind !== "ssh" || !isMachineName(daemon.host)) return daemon;
  const { sshConfig } = clusterFiles(daemon.host);
  return existsSync(sshConfig) ? { ...daemon, options: ["-F", sshConfig] } : daemon;
}

export interface Bounds {
  /** For all of it, when an answer is not worth waiting for. Default: as long as the docker provider waits. */
  readonly seconds?: number;
}

/** @param host undefined: what the docker provider takes then */
export async function onHost<T>(
  host: string | undefined,
  progress: Progress,
  action: (api: DockerApi, operation: Operation) => Promise<T>,
  { seconds }: Bounds = {},
): Promise<T> {
  const daemon = daemonAt(host);
  const api =
    seconds === undefined
      ? new DockerApi(daemon, { connections: 1 })
      : new DockerApi(daemon.kind === "ssh" ? { ...daemon, connectTimeoutSeconds: seconds } : daemon, {
          connections: 1,
          patienceMs: 0,
        });
  const signal = seconds === undefined ? new AbortController().signal : AbortSignal.timeout(seconds * 1000);
  try {
    return await action(api, quietly(signal, progress));
  } finally {
    api.close();
  }
}
