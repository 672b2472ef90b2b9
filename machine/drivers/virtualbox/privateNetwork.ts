/** The private network of a cluster: a host-only network where one can be had, else one inside VirtualBox. */
import { createHash } from "node:crypto";
import { networkInterfaces, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { home } from "../../../host/home";
import { withLock } from "../../../host/lock";
import { UserError } from "../../../host/userError";
import { addressAt, lastHost, netmaskOf, parseCidr } from "../../addresses";
import type { Progress } from "../../progress";
import { chooseNetwork, type HostLink, type HostOnly, type NetworkChoice } from "./chooseNetwork";
import { VBoxManageError } from "./failure";
import { manage } from "./manage";
import { allowedRanges } from "./networksConf";
import { parseBlocks } from "./output";

/** What the second network card of a machine is connected to. */
export interface PrivateLink {
  readonly kind: "hostonly" | "hostonlynet" | "intnet";
  readonly name: string;
}

/** macOS has no host-only interfaces from VirtualBox 7.0 on, but networks that the system makes when they are used. */
const hasNetworks = process.platform === "darwin";

/** Short name of this home, for what is named in VirtualBox, where all homes of a user meet. */
export const homeTag = (): string => createHash("sha256").update(home()).digest("hex").slice(0, 8);

/**
 * Held while VirtualBox's networks and address claims are looked at and changed: by whatever home of this user. In the user's own folder, as VirtualBox's
 * settings are: in the system's for temporary files somebody else could be first, and the environment may name another one in each shell.
 */
const networkLock = (): string => join(userInfo().homedir, ".vmcluster-virtualbox.lock");

export const hostOnlyInterfaces = (text: string): HostOnly[] =>
  parseBlocks(text).map((block) => ({
    name: block.get("Name") ?? "",
    address: block.get("IPAddress") ?? "0.0.0.0",
    netmask: block.get("NetworkMask") ?? "255.255.255.0",
  }));

/** The host has the lowest address of such a network. */
export const hostOnlyNetworks = (text: string): HostOnly[] =>
  parseBlocks(text).map((block) => ({
    name: block.get("Name") ?? "",
    address: block.get("LowerIP") ?? "0.0.0.0",
    netmask: block.get("NetworkMask") ?? "255.255.255.0",
  }));

const listHostOnly = async (): Promise<HostOnly[]> =>
  hasNetworks
    ? hostOnlyNetworks(await manage(["list", "hostonlynets"]))
    : hostOnlyInterfaces(await manage(["list", "hostonlyifs"]));

function hostLinks(): HostLink[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ family }) => family === "IPv4")
      .map(({ address, netmask }) => ({ name, address, netmask })),
  );
}

export const lookForNetwork = async (subnet: string): Promise<NetworkChoice> =>
  chooseNetwork(subnet, { hostOnly: await listHostOnly(), links: hostLinks(), allowed: allowedRanges() });

export const collisionError = (subnet: string, other: string): UserError =>
  new UserError(
    `subnet ${subnet} overlaps with ${other} of this host`,
    "nodes and host could not tell the two networks apart",
    "choose another subnet, such as 192.168.60.0/24",
  );

export const createdName = (output: string): string | undefined =>
  /Interface '(.*)' was successfully created/.exec(output)?.[1];

/** Its name is printed at once, but the list shows it later: whoever makes another one then has two (docker/machine#1843). */
async function waitUntilListed(name: string): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    if ((await listHostOnly()).some((one) => one.name === name)) return;
    await delay(500);
  }
}

async function createHostOnly(subnet: string, address: string, netmask: string): Promise<string> {
  if (hasNetworks) {
    const name = `vmcluster-${subnet.replace("/", "-")}`;
    const range = parseCidr(subnet);
    const limits = ["--lower-ip", addressAt(range, 1), "--upper-ip", lastHost(range)];
    await manage([
      "hostonlynet",
      "add",
      "--name",
      name,
      "--netmask",
      netmaskOf(range),
      ...limits,
      "--enable",
    ]);
    return name;
  }
  const name = createdName(await manage(["hostonlyif", "create"]));
  if (name === undefined) throw new Error("VBoxManage hostonlyif create names no interface");
  try {
    await waitUntilListed(name);
    await manage(["hostonlyif", "ipconfig", name, "--ip", address, "--netmask", netmask]);
    return name;
  } catch (error) {
    await manage(["hostonlyif", "remove", name]).catch(() => undefined);
    throw error;
  }
}

const internal = (cluster: string): PrivateLink => ({
  kind: "intnet",
  name: `vmcluster-${homeTag()}-${cluster}`,
});

/**
 * The network that machines of this cluster are to be on, made if need be. Call it with {@link networkLock} held.
 *
 * @param fixed what the other machines of the cluster are on already: all must be on the same kind
 * @throws UserError if the range is in use by something else on this host
 */
export async function ensurePrivateNetwork(
  cluster: string,
  subnet: string,
  fixed: PrivateLink["kind"] | undefined,
  progress: Progress,
): Promise<PrivateLink> {
  if (fixed === "intnet") return internal(cluster);
  const choice = await lookForNetwork(subnet);
  const kind = hasNetworks ? "hostonlynet" : "hostonly";
  switch (choice.kind) {
    case "use":
      return { kind, name: choice.name };
    case "collision":
      throw collisionError(subnet, choice.with);
    case "internal":
      progress(
        `${choice.reason}: the nodes' network stays inside VirtualBox, this host reaches them by their ports`,
      );
      return internal(cluster);
    case "create":
      try {
        return { kind, name: await createHostOnly(subnet, choice.address, choice.netmask) };
      } catch (error) {
        if (!(error instanceof VBoxManageError) || fixed !== undefined) throw error;
        progress(
          `no host-only network can be made (${error.failure.text.split("\n")[0]}): the nodes' network stays inside VirtualBox`,
        );
        return internal(cluster);
      }
  }
}

export const underNetworkLock = <T>(action: () => Promise<T>): Promise<T> =>
  withLock(networkLock(), () => undefined, action);
