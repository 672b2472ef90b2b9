/**
 * Changes of configuration at a path within a value, `server.ports[0]`: containers on the way are made, nothing is put where
 * it does not fit. Specified by sdk/go/common/resource/config/object.go (Set, Delete). Comments and order of the file stay.
 */
import { type Document, isMap, isScalar, isSeq } from "yaml";
import { UserError } from "../host/userError";
import { formatPath, type PropertyPath } from "./propertyPath";

export type ConfigLeaf = string | number | bigint | boolean | { readonly secure: string };

/** No list that a person writes is longer; a slip of the finger must not fill the memory. */
const longestList = 100_000;

/** @param inner path within the value of `key`; empty for the value itself */
export function setAt(document: Document, key: string, inner: PropertyPath, value: ConfigLeaf): void {
  const wrong = (level: number, what: string): UserError => {
    const place = formatPath([key.replace(/^.*:/, ""), ...inner.slice(0, level)]);
    return new UserError(`config path ${formatPath([key.replace(/^.*:/, ""), ...inner])}: ${place} ${what}`);
  };
  for (const [level, part] of inner.entries()) {
    const path = ["config", key, ...inner.slice(0, level)];
    let there = document.getIn(path, true);
    if (!isContainer(there)) {
      // A value at the top makes way, one further down does not.
      if (level > 0 && there !== undefined && there !== null && !(isScalar(there) && there.value === null))
        throw wrong(level, typeof part === "number" ? "is not a list" : "is not an object");
      if (typeof part === "number" && part > longestList)
        throw wrong(level, `cannot be made as a list of more than ${longestList} items`);
      document.setIn(
        path,
        document.createNode(typeof part === "number" ? new Array(part + 1).fill(null) : {}),
      );
      there = document.getIn(path, true);
    }
    if (isSeq(there)) {
      if (typeof part !== "number")
        throw wrong(level, `is a list: its items have numbers, as ${key.replace(/^.*:/, "")}[0]`);
      if (part > there.items.length)
        throw wrong(level, `has ${there.items.length} items: the next one is [${there.items.length}]`);
    } else if (isMap(there)) {
      if (typeof part !== "string") throw wrong(level, "is an object: its members have names");
      const last = level === inner.length - 1;
      if (last && part === "secure" && there.items.length === 0 && typeof value === "string")
        throw wrong(level, reserved);
    }
  }
  document.setIn(["config", key, ...inner], document.createNode(value));
}

/** False if there was nothing. */
export function removeAt(document: Document, key: string, inner: PropertyPath): boolean {
  const path = ["config", key, ...inner];
  if (!document.hasIn(path)) return false;
  const holder = document.getIn(path.slice(0, -1), true);
  if (inner.length > 0 && isMap(holder) && holder.items.length === 2) {
    const [left] = Object.entries(holder.toJSON() as object).filter(([name]) => name !== inner.at(-1));
    if (left?.[0] === "secure" && typeof left[1] === "string")
      throw new UserError(`config path ${formatPath(inner)}: what is left ${reserved}`);
  }
  return document.deleteIn(path);
}

const reserved = 'cannot be an object with the one member "secure": that is how secrets are written';

function isContainer(node: unknown): boolean {
  if (isSeq(node)) return true;
  return isMap(node) && !(node.items.length === 1 && typeof node.get("secure") === "string");
}
