/** Which items of a list are the same thing, in the short form or in the long one. */
import { posix } from "node:path";
import { shortPorts } from "./schema/ports";
import { get, isLeaf, isMapping, type Leaf, plain, type Tree } from "./tree";

interface Identity {
  readonly keyOf: (item: Tree) => string;
  /** The item in the form in which it has one key. */
  readonly forms: (item: Tree) => readonly Tree[];
  /** Fields that only the earlier one has stay. */
  readonly merges?: true;
}

const same = (item: Tree): Tree[] => [item];

/** By the path in the container. */
const file = (folder: string): Identity => ({
  keyOf: (item) => {
    const target = isLeaf(item) ? item.value : (leafOf(item, "target") ?? leafOf(item, "source"));
    return posix.resolve(folder, String(target));
  },
  forms: same,
});

export const identities: Readonly<Record<string, Identity>> = {
  "services.*.ports": { keyOf: portKey, forms: ports },
  "services.*.volumes": {
    keyOf: (item) =>
      posix.resolve("/", isLeaf(item) ? mountTarget(String(item.value)) : String(leafOf(item, "target"))),
    forms: same,
  },
  "services.*.tmpfs": {
    keyOf: (item) =>
      posix.resolve(
        "/",
        isLeaf(item) ? String(item.value).replace(/:.*$/s, "") : JSON.stringify(plain(item)),
      ),
    forms: same,
  },
  "services.*.secrets": file("/run/secrets"),
  "services.*.configs": file("/"),
  "services.*.env_file": {
    keyOf: (item) => String(isLeaf(item) ? item.value : leafOf(item, "path")),
    forms: same,
  },
  "services.*.devices": {
    keyOf: (item) => {
      const [source = "", target] = isLeaf(item) ? String(item.value).split(":") : [];
      return isLeaf(item) ? (target ?? source) : String(leafOf(item, "target"));
    },
    forms: same,
  },
  "networks.*.ipam.config": {
    keyOf: (item) =>
      get(item, "subnet") === undefined ? JSON.stringify(plain(item)) : String(leafOf(item, "subnet")),
    forms: same,
    merges: true,
  },
};

/** Ranges as their ports. What is wrong stays as it is, for the message. */
function ports(item: Tree): readonly Tree[] {
  if (!isLeaf(item) || item.value === null || typeof item.value === "boolean") return [item];
  const short = shortPorts(String(item.value));
  if (typeof short === "string" || short.length === 1) return [item];
  return short.map(({ target, published, protocol, mode, hostIp }): Tree => {
    const fields = { target, published, protocol, mode, host_ip: hostIp };
    const entries = Object.entries(fields).flatMap(([key, value]) =>
      value === undefined
        ? []
        : ([
            [key, { place: item.place, value: { kind: "leaf", value, place: item.place } as Leaf }],
          ] as const),
    );
    return { kind: "mapping", entries: new Map(entries), place: item.place };
  });
}

/** A swarm publishes a port once, at all addresses: what is published at the same port is the same, and what is published anywhere has the same target. */
function portKey(item: Tree): string {
  const unknown = JSON.stringify(plain(item));
  if (isMapping(item)) {
    const { target, published, protocol } = {
      target: leafOf(item, "target"),
      published: leafOf(item, "published"),
      protocol: leafOf(item, "protocol") ?? "tcp",
    };
    return published === undefined || String(published) === "" || String(published) === "0"
      ? `:${target}/${protocol}`
      : `${published}/${protocol}`;
  }
  const short = isLeaf(item) ? shortPorts(String(item.value)) : "";
  if (typeof short === "string") return unknown;
  const [{ target, published, protocol } = { target: 0 }] = short;
  return published === undefined ? `:${target}/${protocol}` : `${published}/${protocol}`;
}

/** Of `source:target:ro`, or a target alone. */
function mountTarget(short: string): string {
  const parts = short.replace(/^[A-Za-z]:(?=[\\/])/, "").split(":");
  return parts[1] || parts[0] || short;
}

function leafOf(tree: Tree, key: string): string | number | boolean | undefined {
  const found = get(tree, key);
  return isLeaf(found) ? (found.value ?? undefined) : undefined;
}
