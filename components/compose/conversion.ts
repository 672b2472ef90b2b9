/** What every part of the conversion shares. */
import { namespaceLabel } from "../../host/contentName";
import type { UserError } from "../../host/userError";
import type { Loaded } from "./load";
import { type Place, type Warning, wrong } from "./place";
import type { Model } from "./schema/file";
import type { Service } from "./schema/service";
import { find, isLeaf, placeOf } from "./tree";

/** What conversion needs to know, and where it says what it leaves out. */
export class Conversion {
  readonly warnings: Warning[];

  constructor(
    readonly stack: string,
    readonly model: Model,
    readonly loaded: Loaded,
  ) {
    this.warnings = [...loaded.warnings];
  }

  place(...path: PropertyKey[]): Place {
    return placeOf(this.loaded.tree, path);
  }

  warn(path: readonly PropertyKey[], text: string): void {
    this.add({ place: this.place(...path), text: `${path.map(String).join(".")}: ${text}` });
  }

  readonly add = (warning: Warning): void => void this.warnings.push(warning);

  wrong(path: readonly PropertyKey[], text: string): UserError {
    return wrong(this.place(...path), `${path.map(String).join(".")}: ${text}`);
  }

  /** Whether a path of the node was a relative one in the file. */
  isRelative(path: readonly PropertyKey[]): boolean {
    const leaf = find(this.loaded.tree, path);
    return isLeaf(leaf) && leaf.relative === true;
  }

  /** Name in the swarm. */
  scoped(name: string): string {
    return `${this.stack}_${name}`;
  }

  labelled(labels: Readonly<Record<string, string>> = {}): Record<string, string> {
    return { ...labels, [namespaceLabel]: this.stack };
  }
}

export const isJob = ({ deploy }: Service): boolean =>
  deploy?.mode === "replicated-job" || deploy?.mode === "global-job";

/** Name in the swarm of what is external; undefined if it is not. */
export function externalName(
  key: string,
  { external, name }: { external?: boolean | { name?: string }; name?: string },
): string | undefined {
  if (external === undefined || external === false) return undefined;
  return (external === true ? undefined : external.name) || name || key;
}

/** A mapping without the keys that have no value. */
export function withoutUndefined<T extends object>(mapping: T): T {
  return Object.fromEntries(Object.entries(mapping).filter(([, value]) => value !== undefined)) as T;
}
