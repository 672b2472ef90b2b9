/** What an existing host is, asked before anything on it is changed. */
import type { NodeSSH } from "node-ssh";
import { answers, asRoot, asUser, say } from "./script";

/** What the user who logs in can see. */
export interface HostView {
  /** `ID` and `ID_LIKE` of /etc/os-release. */
  readonly os: readonly string[];
  /** For people: `Debian GNU/Linux 13 (trixie)`. */
  readonly osName: string;
  /** `x86_64`, `aarch64`… */
  readonly arch: string;
  readonly cpus: number;
  /** MiB. */
  readonly memory: number;
  /** Another one after each boot. */
  readonly boot: string;
  /** Its IPv4 addresses. */
  readonly addresses: readonly string[];
  /** The one at which we reached it, if it is IPv4. */
  readonly reached: string;
  /** The one of its default route. */
  readonly routed: string;
  /** Whether the user is root or becomes root without a password. */
  readonly root: boolean;
}

/** What root can see. */
export interface DockerView {
  /** `docker --version`; empty if it is not installed. */
  readonly program: string;
  /** Version of the running engine; empty if none answers. */
  readonly engine: string;
  /** `inactive`, `active`, `pending`, `locked`, `error`; empty without an engine. */
  readonly swarm: string;
  /** Where that swarm's managers are, or the node itself. */
  readonly swarmAt: string;
  /** Machine id of the vmcluster machine that the host is already; empty if none. */
  readonly machineId: string;
  /** Which one that is, for people. */
  readonly claimedBy: string;
}

/** Where what we did to a host is recorded on it. */
export const hostFolder = "/var/lib/vmcluster";

const hostScript = `${say}
os() { if [ -r /etc/os-release ]; then . /etc/os-release; fi; say os "\${ID:-unknown} \${ID_LIKE:-}"; say osName "\${PRETTY_NAME:-\${ID:-an unknown system}}"; }
(os)
say arch "$(uname -m)"
say cpus "$(getconf _NPROCESSORS_ONLN)"
say memory "$(($(sed -n 's/^MemTotal: *\\([0-9]*\\).*/\\1/p' /proc/meminfo) / 1024))"
say boot "$(cat /proc/sys/kernel/random/boot_id)"
say addresses "$(ip -o -4 address show scope global | sed -n 's/.* inet \\([0-9.]*\\).*/\\1/p' | tr '\\n' ' ')"
device=$(ip -o -4 route show default | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p' | head -n 1)
[ -z "$device" ] || say routed "$(ip -o -4 address show scope global dev "$device" | sed -n 's/.* inet \\([0-9.]*\\).*/\\1/p' | head -n 1)"
say reached "$(printf '%s' "\${SSH_CONNECTION:-}" | cut -d ' ' -f 3)"
if [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; then say root yes; else say root no; fi
`;

const dockerScript = `${say}
if command -v docker >/dev/null; then
  say program "$(docker --version 2>&1 | head -n 1)"
  if timeout 30 docker info >/dev/null 2>&1; then
    say engine "$(docker info --format '{{.ServerVersion}}')"
    say swarm "$(docker info --format '{{.Swarm.LocalNodeState}}')"
    say swarmAt "$(docker info --format '{{range .Swarm.RemoteManagers}}{{.Addr}} {{end}}')"
  fi
fi
if [ -f ${hostFolder}/machine ]; then
  say machineId "$(sed -n 's/^id=//p' ${hostFolder}/machine)"
  say claimedBy "$(sed -n 's/^by=//p' ${hostFolder}/machine)"
fi
`;

const words = (text: string | undefined): string[] => (text ?? "").split(/\s+/).filter((word) => word !== "");

export function readHostView(text: string): HostView {
  const said = answers(text);
  const reached = said.get("reached") ?? "";
  const addresses = words(said.get("addresses"));
  return {
    os: words(said.get("os")),
    osName: said.get("osName") ?? "",
    arch: said.get("arch") ?? "",
    cpus: Number(said.get("cpus")),
    memory: Number(said.get("memory")),
    boot: said.get("boot") ?? "",
    addresses,
    reached: addresses.includes(reached) ? reached : "",
    routed: said.get("routed") ?? "",
    root: said.get("root") === "yes",
  };
}

export function readDockerView(text: string): DockerView {
  const said = answers(text);
  const value = (key: string): string => said.get(key) ?? "";
  return {
    program: value("program"),
    engine: value("engine"),
    swarm: value("swarm"),
    swarmAt: value("swarmAt"),
    machineId: value("machineId"),
    claimedBy: value("claimedBy"),
  };
}

export const lookAtHost = async (session: NodeSSH): Promise<HostView> =>
  readHostView(await asUser(session, hostScript));

export const lookAtDocker = async (session: NodeSSH, sshUser: string): Promise<DockerView> =>
  readDockerView(await asRoot(session, sshUser, dockerScript));
