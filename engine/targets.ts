/**
 * What an operation is limited to: URNs, and patterns in which `*` stands for a part of a name and `**` for anything.
 * Specified by UrnTargets in pkg/resource/deploy/deployment.go.
 */
import { UserError } from "../host/userError";
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

  /** Those of `list`, and what depends on them where that counts too. */
  among(list: readonly ResourceState[]): ReadonlySet<string> {
    return this.dependents ? this.withDependents(list) : this.named(list);
  }

  private named(list: readonly ResourceState[]): Set<string> {
    return new Set(list.map(({ urn }) => urn).filter((urn) => this.has(urn)));
  }

  /** Those of `list`, and all that need one of them. */
  withDependents(list: readonly ResourceState[]): Set<string> {
    const result = this.named(list);
    // What depends on something comes after it; but an old self that waits for its delete has come to the end, and its name with it.
    for (let size = -1; size !== result.size; ) {
      size = result.size;
      for (const state of list) if (needsOne(state, result)) result.add(state.urn);
    }
    return result;
  }
}

function pattern(text: string): RegExp {
  const quoted = (part: string): string => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const parts = text.split("**").map((part) => part.split("*").map(quoted).join("[^:]*"));
  return new RegExp(`^${parts.join(".*")}$`, "s");
}

/** Which resources an operation looks at. */
export interface Selection {
  /** URNs that were written out: there must be such resources. */
  readonly literals: readonly string[];
  /** Asked once for each resource that the program registers, what it needs before it. */
  includes(state: ResourceState): boolean;
  /** Of a state, what may be deleted. */
  deletable(list: readonly ResourceState[]): ReadonlySet<string>;
  /** Of a state, what is read again. */
  refreshable(list: readonly ResourceState[]): ReadonlySet<string>;
  /** It may be deleted only if somebody asks for it by name. */
  mustBeNamed(urn: string): boolean;
}

/** Undefined where nothing limits the operation. */
export function selection(options: {
  readonly targets?: readonly string[];
  readonly targetDependents?: boolean;
  readonly excludes?: readonly string[];
  readonly excludeDependents?: boolean;
}): Selection | undefined {
  const targets = Targets.of(options.targets, options.targetDependents ?? false);
  const excludes = Targets.of(options.excludes, options.excludeDependents ?? false);
  if (targets && excludes)
    throw new UserError("only one of --target and --exclude may be given", "they say opposite things");
  return targets ? new Only(targets) : excludes ? new AllBut(excludes) : undefined;
}

/** `--target` */
class Only implements Selection {
  /** Named, or counted as that because it depends on one. */
  private readonly included = new Set<string>();

  constructor(private readonly targets: Targets) {}

  get literals(): readonly string[] {
    return this.targets.literals;
  }

  includes(state: ResourceState): boolean {
    const { targets, included } = this;
    const is = targets.has(state.urn) || (targets.dependents && needsOne(state, included));
    if (is) included.add(state.urn);
    return is;
  }

  deletable(list: readonly ResourceState[]): ReadonlySet<string> {
    return this.targets.withDependents(list);
  }

  refreshable(list: readonly ResourceState[]): ReadonlySet<string> {
    return this.targets.among(list);
  }

  mustBeNamed(urn: string): boolean {
    return !this.targets.dependents && !this.targets.has(urn);
  }
}

/** `--exclude`: what is left out, and what that needs, is not deleted either. */
class AllBut implements Selection {
  private readonly excluded = new Set<string>();

  constructor(private readonly left: Targets) {}

  get literals(): readonly string[] {
    return this.left.literals;
  }

  includes(state: ResourceState): boolean {
    const { left, excluded } = this;
    const is = left.has(state.urn) || (left.dependents && needsOne(state, excluded));
    if (is) excluded.add(state.urn);
    return !is;
  }

  deletable(list: readonly ResourceState[]): ReadonlySet<string> {
    const kept = new Set(this.left.among(list));
    // What something needs comes before it.
    for (const state of [...list].reverse())
      if (kept.has(state.urn)) for (const urn of needs(state)) kept.add(urn);
    return new Set(list.map(({ urn }) => urn).filter((urn) => !kept.has(urn)));
  }

  refreshable(list: readonly ResourceState[]): ReadonlySet<string> {
    const excluded = this.left.among(list);
    return new Set(list.map(({ urn }) => urn).filter((urn) => !excluded.has(urn)));
  }

  mustBeNamed(): boolean {
    return false;
  }
}

function needsOne(state: ResourceState, urns: ReadonlySet<string>): boolean {
  return [...needs(state)].some((urn) => urns.has(urn));
}
