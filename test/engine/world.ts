/**
 * A world in memory, and the provider that changes it. It refuses what could not work in a real one: to create on what is not
 * there, to delete what is still used, to touch what is gone. What runs in it can be killed at any moment.
 */
import { randomUUID } from "node:crypto";
import { type DiffRequest, noDiff, type Provider } from "../../engine/provider";
import type { ProviderRegistry } from "../../engine/providerRegistry";
import { isProviderType, parseUrn } from "../../engine/urn";
import { type PropertyMap, sameValue } from "../../engine/values";

/** One resource of a program. Names of others are those of nodes before it. */
export interface Node {
  readonly name: string;
  /** Nodes whose ids are inputs: `soft` ones update, `hard` ones replace. */
  readonly soft: readonly string[];
  readonly hard: readonly string[];
  /** Changed in place; replaced; replaced and deleted first. */
  readonly value: number;
  readonly size: number;
  readonly place: number;
  readonly parent: string | undefined;
  /** Gone with that one: it is never deleted by itself then. */
  readonly within: string | undefined;
  readonly protect: boolean;
  readonly retain: boolean;
  /** It has its other name. */
  readonly renamed: boolean;
  /** Number of the provider resource that manages it. */
  readonly provider: number;
}

/** Both names of a node have its own name in front. */
export const shownName = ({ name, renamed }: Node): string => (renamed ? `${name}_2` : name);
export const nodeName = (text: string): string => text.split(/[-_]/)[0] ?? "";

interface Thing {
  readonly id: string;
  readonly node: string;
  readonly inputs: PropertyMap;
}

const never = new Promise<never>(() => undefined);

export class World {
  readonly things = new Map<string, Thing>();
  /** Left behind for good: nothing names them any more, or they were meant to stay. */
  readonly left = new Set<string>();
  readonly retained = new Set<string>();
  /** Calls that fail, as `create a`. */
  failing: ReadonlySet<string> = new Set();
  nodes: readonly Node[] = [];
  /** Nodes that are not looked at: they may lose what they use. */
  untouched: ReadonlySet<string> = new Set();
  /** There was a run that was not about everything. */
  wasPartly = false;
  /** Something is deleted before it is replaced: what it only updates stays meanwhile, as with Pulumi. */
  deletesFirst = false;
  /** Called at each moment at which a run can end. */
  onMoment: () => void = () => undefined;
  private next = 0;
  private life = 0;

  /** Nothing that runs now does anything any more. */
  kill(): void {
    this.life++;
  }

  /** Lets other steps go first; does not return to a run that was killed. */
  async moment(): Promise<void> {
    const life = this.life;
    for (let turn = this.next++ % 3; turn >= 0; turn--) await new Promise(setImmediate);
    if (life === this.life) this.onMoment();
    if (life !== this.life) await never;
  }

  private async step(call: string, urn: string): Promise<void> {
    await this.moment();
    if (this.failing.has(`${call} ${nodeName(parseUrn(urn).name)}`)) throw new Error("on purpose");
  }

  /** The program has it still, but using the other no longer: its old self may outlive that one, as with Pulumi. */
  private hasLeft(user: string, used: string): boolean {
    const node = this.nodes.find(({ name }) => name === user);
    return node !== undefined && !node.soft.includes(used) && !node.hard.includes(used);
  }

  private checkUses(inputs: PropertyMap): void {
    for (const id of [...(inputs.soft as string[]), ...(inputs.hard as string[]), ...withinOf(inputs)])
      if (!this.things.has(id)) throw new Error(`BROKEN: uses ${id}, which does not exist`);
  }

  /**
   * It and all that is within it: gone with it. A run that is not about everything leaves what is within something that it replaces where it was,
   * and the old container goes all the same: so it is with Pulumi, and from then on the world is more lenient.
   */
  private withAllWithin(id: string): Set<string> {
    const ids = new Set([id]);
    if (this.wasPartly) return ids;
    for (let size = 0; size !== ids.size; ) {
      size = ids.size;
      for (const thing of this.things.values())
        if (withinOf(thing.inputs).some((container) => ids.has(container))) ids.add(thing.id);
    }
    return ids;
  }

  private remove(id: string): void {
    const gone = this.withAllWithin(id);
    for (const used of gone) this.checkUnused(used, gone);
    for (const used of gone) this.things.delete(used);
  }

  private checkUnused(id: string, gone: ReadonlySet<string>): void {
    // With targets Pulumi itself deletes what was replaced while others, that are no targets, still use it.
    if (this.wasPartly) return;
    const { node } = this.things.get(id) as Thing;
    for (const user of this.things.values()) {
      if (gone.has(user.id) || this.left.has(user.id) || this.retained.has(user.id)) continue;
      // What goes with something else may lose what it uses before that.
      if (withinOf(user.inputs).length > 0) continue;
      if (this.deletesFirst && this.hasLeft(user.node, node)) continue;
      const { soft, hard } = user.inputs as { soft: string[]; hard: string[] };
      if ((this.deletesFirst ? hard : [...soft, ...hard]).includes(id))
        throw new Error(`BROKEN: delete of ${id}, which ${user.id} uses`);
    }
  }

  readonly provider: Provider = {
    check: async ({ news }) => ({ inputs: news, failures: [] }),
    diff: async ({ oldInputs, newInputs }) => {
      const changed = Object.keys(newInputs).filter((key) => !sameValue(oldInputs[key], newInputs[key]));
      return {
        ...noDiff,
        changes: changed.length === 0 ? "none" : "some",
        changedKeys: changed,
        replaceKeys: changed.filter((key) => ["size", "place", "hard", "within"].includes(key)),
        deleteBeforeReplace: changed.includes("place"),
      };
    },
    create: async ({ urn, inputs }) => {
      await this.step("create", urn);
      this.checkUses(inputs);
      const { name } = parseUrn(urn);
      const id = `${name}-${this.next++}`;
      this.things.set(id, { id, node: nodeName(name), inputs });
      await this.moment();
      return { id, outputs: inputs, refreshBeforeUpdate: false };
    },
    update: async ({ urn, id, newInputs }) => {
      await this.step("update", urn);
      this.checkUses(newInputs);
      const thing = this.things.get(id);
      if (thing === undefined) throw new Error(`BROKEN: update of ${id}, which does not exist`);
      this.things.set(id, { ...thing, inputs: newInputs });
      await this.moment();
      return { outputs: newInputs, refreshBeforeUpdate: false };
    },
    delete: async ({ urn, id }) => {
      await this.step("delete", urn);
      if (this.half.has(id)) return;
      if (!this.things.has(id)) throw new Error(`BROKEN: delete of ${id}, which does not exist`);
      this.remove(id);
      await this.moment();
    },
    read: async () => ({ id: "", inputs: undefined, outputs: {} }),
    invoke: async () => ({ inputs: {}, failures: [] }),
    construct: async () => ({ urn: "", outputs: {}, dependencies: {} }),
    call: async () => ({ returned: {}, dependencies: {}, failures: [] }),
  };

  /** What was being deleted when a run was killed: gone, and deleted once more. */
  readonly half = new Set<string>();

  /** Provider resources have no place in the world: they are made, and that is all. */
  readonly registry = {
    ...this.provider,
    create: async () => ({ id: randomUUID(), outputs: {}, refreshBeforeUpdate: false }),
    update: async () => ({ outputs: {}, refreshBeforeUpdate: false }),
    delete: async () => undefined,
    diff: async ({ oldInputs, newInputs }: DiffRequest) => ({
      ...noDiff,
      changes: sameValue(oldInputs, newInputs) ? ("none" as const) : ("some" as const),
      replaceKeys: sameValue(oldInputs, newInputs) ? [] : ["zone"],
    }),
    get: (reference: string) => (isProviderType(parseUrn(reference).type) ? this.provider : undefined),
    ensure: async () => this.provider,
    same: async () => undefined,
  } as unknown as ProviderRegistry;
}

export function withinOf(inputs: PropertyMap): string[] {
  return typeof inputs.within === "string" && inputs.within !== "" ? [inputs.within] : [];
}
