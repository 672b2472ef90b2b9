/** Which existing hosts are refused, and in which words. Pure: what was seen comes in as values. */
import { UserError } from "../../../host/userError";
import type { MachineSpec } from "../../spec";
import type { MachineRecord } from "../../store";
import type { DockerView, HostView } from "./survey";

/** Where Docker is installed from; undefined of a system on which we install nothing. */
export function familyOf(os: readonly string[]): "debian" | "fedora" | undefined {
  if (os.includes("debian") || os.includes("ubuntu")) return "debian";
  if (os.includes("fedora") || os.includes("rhel")) return "fedora";
  return undefined;
}

/** `uname -m` and Node's name of the same thing. */
const archOfNode: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

/** @throws UserError if the user cannot do what has to be done there */
export function checkUser(spec: MachineSpec, sshUser: string, view: HostView): void {
  if (view.root) return;
  throw new UserError(
    `machine "${spec.name}": sshUser: "${sshUser}" is not root on ${spec.host} and cannot become it`,
    "sudo there must let this user in without a password (sudo -n true fails)",
    `as root there: echo '${sshUser} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/vmcluster; or give another sshUser`,
  );
}

/** @throws UserError if the host is another machine's already, has no Docker that can be had, or cannot run what is asked for */
export function checkHost(
  spec: MachineSpec,
  machineId: string,
  view: HostView,
  docker: DockerView,
  thisArch: string = archOfNode[process.arch] ?? process.arch,
): void {
  const subject = `machine "${spec.name}": host "${spec.host}"`;
  if (docker.machineId !== "" && docker.machineId !== machineId) {
    throw new UserError(
      `${subject} is another vmcluster machine already`,
      `it was made so by ${docker.claimedBy || "an unknown one"}`,
      "remove it there (vmcluster machine rm); if that home is lost, remove /var/lib/vmcluster/machine on the host",
    );
  }
  if (/podman/i.test(docker.program)) {
    throw new UserError(
      `${subject}: its docker is Podman's`,
      "Podman has no swarm",
      "remove podman-docker there, or install Docker",
    );
  }
  if (docker.program === "" && familyOf(view.os) === undefined) {
    throw new UserError(
      `${subject} has no Docker`,
      `it is ${view.osName}; Docker is installed for you on Debian, Ubuntu, Fedora and their relatives only`,
      "install Docker there and start it, then try again",
    );
  }
  const image = spec.images[0];
  if (image !== undefined && view.arch !== thisArch) {
    throw new UserError(
      `machine "${spec.name}": images: "${image}" is for ${thisArch}`,
      `service images are built here, and host "${spec.host}" is ${view.arch}`,
    );
  }
}

/**
 * A swarm that the host is in when it becomes our machine is somebody else's.
 *
 * @returns whether it is to leave that
 * @throws UserError unless it may
 */
export function mustLeaveSwarm(spec: MachineSpec, isOurs: boolean, docker: DockerView): boolean {
  if (isOurs || docker.swarm === "" || docker.swarm === "inactive") return false;
  if (spec.leaveSwarm) return true;
  throw new UserError(
    `machine "${spec.name}": host "${spec.host}" belongs to another swarm`,
    `its state there is ${docker.swarm}${docker.swarmAt === "" ? "" : `, the managers are ${docker.swarmAt}`}`,
    "give leaveSwarm (--leave-swarm) if it is to leave that swarm, or another host",
  );
}

/**
 * The address that swarm advertises: the spec's, else the one at which the host was reached, else that of its default route.
 *
 * @throws UserError if it is not one of the host's own, or that of another machine of the cluster
 */
export function advertised(spec: MachineSpec, view: HostView, others: readonly MachineRecord[]): string {
  const subject = `machine "${spec.name}": privateAddress:`;
  const address = spec.privateAddress ?? (view.reached || view.routed);
  const own = `host "${spec.host}" has ${view.addresses.join(", ") || "none"}`;
  if (!view.addresses.includes(address)) {
    throw new UserError(`${subject} "${address}" is no IPv4 address of the host`, own);
  }
  const holder = others.find(
    (other) => other.spec.cluster === spec.cluster && other.network.privateAddress === address,
  );
  if (holder !== undefined) {
    throw new UserError(
      `${subject} ${address} is that of machine "${holder.spec.name}"`,
      own,
      "give the one at which the other nodes reach it",
    );
  }
  return address;
}
