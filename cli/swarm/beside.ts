/** Programs that are started beside a daemon: on its machine over SSH, or here where it is this host's own. */
import { shellWord } from "../../host/shellWord";
import type { Daemon } from "../../providers/docker/settings";

export interface Start {
  readonly program: string;
  readonly args: readonly string[];
}

function overSsh(
  daemon: Extract<Daemon, { kind: "ssh" }>,
  words: readonly string[],
  terminal: boolean,
): Start {
  return {
    program: "ssh",
    args: [
      ...(daemon.connectTimeoutSeconds === undefined
        ? []
        : ["-o", `ConnectTimeout=${daemon.connectTimeoutSeconds}`]),
      terminal ? "-t" : "-T",
      ...daemon.options,
      ...(daemon.user === undefined ? [] : ["-l", daemon.user]),
      ...(daemon.port === undefined ? [] : ["-p", String(daemon.port)]),
      "--",
      daemon.host,
      // A shell there reads this.
      words.map(shellWord).join(" "),
    ],
  };
}

/** The program to start here so that a docker command runs beside a daemon. */
export function dockerBeside(daemon: Daemon, words: readonly string[], terminal: boolean): Start {
  if (daemon.kind === "unix") return { program: "docker", args: ["-H", `unix://${daemon.socket}`, ...words] };
  const socket = daemon.socket === undefined ? [] : ["--host", `unix://${daemon.socket}`];
  return overSsh(daemon, ["docker", ...socket, ...words], terminal);
}

/** Who logs in may be a user that has sudo. */
const asRoot = 'if [ "$(id -u)" = 0 ]; then exec "$@"; else exec sudo -n -- "$@"; fi';

/** The program to start here so that a script of POSIX sh runs as root beside a daemon, with these as `$1`, `$2`… */
export function scriptBeside(daemon: Daemon, script: string, values: readonly string[]): Start {
  const of = daemon.socket === undefined ? [] : ["env", `DOCKER_HOST=unix://${daemon.socket}`];
  const words = ["-c", asRoot, "sh", ...of, "sh", "-c", script, "vmcluster", ...values];
  if (daemon.kind === "unix") return { program: "sh", args: words };
  return overSsh(daemon, ["sh", ...words], false);
}
