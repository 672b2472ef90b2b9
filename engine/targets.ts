/**
 * What an operation is limited to: URNs, and patterns in which `*` stands for a part of a name and `**` for anything.
 * Specified by UrnTargets in pkg/resource/deploy/deployment.go.
 */
import { needs } from "./dependencyGraph";
import type { ResourceState } from "./resourceState";

export class Targets {
  private readonly urns: Set<string>;
  private readonly patterns: readonly RegExp[];

  /** @param dependents what depends on a target is one too */
  constructor(
    given: readonly string[],
    readonly dependents: boolean,
  ) {
    this.urns = new Set(given.filter((target) => !target.includes("*")));
    this.patterns = given.filter((target) => target.includes("*")).map(pattern);
  }

  /** Undefined where nothing limits the operation. */
  static of(given: readonly string[] | undefined, dependents: boolean): Targets | undefined {
    return given === undefined || given.length === 0 ? undefined : new Targets(given, dependents);
  }

  /** Those that are written out. */
  get literals(): readonly string[] {
    return [...this.urns];
  }

  has(urn: string): boolean {
    return this.urns.has(urn) || this.patterns.some((pattern) => pattern.test(urn));
  }

  /** Those of `list`, and all that need one of them. */
  withDependents(list: readonly ResourceState[]): Set<string> {
    const result = new Set(list.map(({ urn }) => urn).filter((urn) => this.has(urn)));
    // What depends on something comes after it.
    for (const state of list) if ([...needs(state)].some((urn) => result.has(urn))) result.add(state.urn);
    return result;
  }
}

function pattern(text: string): RegExp {
  const quoted = (part: string): string => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const parts = text.split("**").map((part) => part.split("*").map(quoted).join("[^:]*"));
  return new RegExp(`^${parts.join(".*")}$`, "s");
}
