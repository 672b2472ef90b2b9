/** Which nodes a service may run on. Specified by swarmkit: manager/constraint, and docker's documentation of `--constraint`. */
import { BlockList, isIP } from "node:net";
import type { ApiNode, ApiPlacement } from "./api";
import { addressOf } from "./words";

/** What a node has under a name such as `node.labels.zone`; undefined for a name that means nothing. */
export function attribute(node: ApiNode, name: string): string | undefined {
  const label = /^(node|engine)\.labels\.(.+)$/i.exec(name);
  if (label) {
    const labels = label[1]?.toLowerCase() === "node" ? node.Spec.Labels : node.Description.Engine?.Labels;
    return labels?.[label[2] ?? ""] ?? "";
  }
  switch (name.toLowerCase()) {
    case "node.id":
      return node.ID;
    case "node.hostname":
      return node.Description.Hostname;
    case "node.role":
      return node.Spec.Role;
    case "node.platform.os":
      return node.Description.Platform?.OS ?? "";
    case "node.platform.arch":
      return architecture(node.Description.Platform?.Architecture);
    case "node.ip":
      return addressOf(node);
    default:
      return undefined;
  }
}

/** Nodes tell it as the kernel does, images as Go does. */
function architecture(name = ""): string {
  return { x86_64: "amd64", aarch64: "arm64" }[name] ?? name;
}

function inNetwork(address: string, network: string): boolean {
  const [base = "", bits] = network.split("/");
  const family = isIP(base) === 6 ? "ipv6" : "ipv4";
  if (bits === undefined || isIP(base) === 0 || isIP(address) === 0) return address === network;
  const list = new BlockList();
  list.addSubnet(base, Number(bits), family);
  return list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

export function meets(node: ApiNode, constraint: string): boolean {
  const [, name = "", operator, wanted = ""] = /^\s*(\S+?)\s*(==|!=)\s*(.*?)\s*$/.exec(constraint) ?? [];
  const value = attribute(node, name);
  if (value === undefined) return false;
  const same =
    name.toLowerCase() === "node.ip"
      ? inNetwork(value, wanted)
      : (name.toLowerCase() === "node.platform.arch" ? architecture(wanted) : wanted).toLowerCase() ===
        value.toLowerCase();
  return operator === "==" ? same : !same;
}

/** Ready for new tasks of a service with this placement. */
export function mayRun(node: ApiNode, placement: ApiPlacement = {}): boolean {
  if (node.Status.State !== "ready" || node.Spec.Availability !== "active") return false;
  const { Constraints = [], Platforms = [] } = placement;
  if (!(Constraints ?? []).every((constraint) => meets(node, constraint))) return false;
  const platform = node.Description.Platform;
  return (
    (Platforms ?? []).length === 0 ||
    (Platforms ?? []).some(
      ({ OS, Architecture }) =>
        (!OS || OS === platform?.OS) &&
        (!Architecture || architecture(Architecture) === architecture(platform?.Architecture)),
    )
  );
}
