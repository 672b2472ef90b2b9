/**
 * Random programs one after the other through the step generator, executor and journal, with random failures, limited to
 * random targets, cancelled or killed at random moments.
 */
import fc from "fast-check";
import { Callbacks } from "../../engine/callbacks";
import { needs } from "../../engine/dependencyGraph";
import {
  emptySnapshot,
  parseDeployment,
  readSnapshot,
  type Snapshot,
  writeDeployment,
} from "../../engine/deployment";
import { Executor } from "../../engine/executor";
import { emptyGoal, type Goal } from "../../engine/goal";
import { Journal } from "../../engine/journal";
import type { ResourceState } from "../../engine/resourceState";
import { SecretsManager } from "../../engine/secrets";
import { type Selection, selection } from "../../engine/targets";
import { isProviderType, makeUrn, parseUrn, providerType } from "../../engine/urn";
import { Unknown } from "../../engine/values";
import { type Node, nodeName, shownName, World, withinOf } from "./world";

interface Program {
  readonly nodes: readonly Node[];
  readonly failing: ReadonlySet<string>;
  /** How it ends: by itself, or in that many moments. */
  readonly end: { readonly how: "itself" | "cancel" | "kill"; readonly after: number };
  /** Names of the nodes it is limited to, old ones too. */
  readonly targets: readonly string[] | undefined;
  readonly dependents: boolean;
}

const names = ["a", "b", "c", "d", "e", "f"];
const rarely = (times: number): fc.Arbitrary<boolean> => fc.nat(times).map((number) => number === 1);

const nodeFields = fc.record({
  value: fc.nat(2),
  size: fc.nat(1),
  place: fc.nat(1),
  soft: fc.nat(63),
  hard: fc.nat(63),
  parent: fc.nat(15),
  within: fc.nat(23),
  protect: rarely(12),
  retain: rarely(12),
  renamed: rarely(4),
  provider: rarely(6).map(Number),
});

/** What a property looks at. Together with targets, names and protection, deletes that come first are too much for Pulumi itself. */
interface Kind {
  readonly name: string;
  /** Parents, `deletedWith`, protection, retention, other names, other providers, targets; and nothing is deleted first. */
  readonly options: boolean;
  /** Programs are cancelled and killed. */
  readonly interrupted: boolean;
}

const kinds: readonly Kind[] = [
  { name: "plain programs", options: false, interrupted: false },
  { name: "programs that are cancelled and killed", options: false, interrupted: true },
  { name: "programs with options, targets, cancelled and killed", options: true, interrupted: true },
];

type Fields = typeof nodeFields extends fc.Arbitrary<infer T> ? T : never;

function nodesOf(chosen: readonly string[], fields: readonly Fields[], { options }: Kind): Node[] {
  return chosen.map((name, index) => {
    const field = fields[index];
    if (field === undefined) throw new Error("fewer fields than names");
    const earlier = chosen.slice(0, index);
    const pick = (bits: number): string[] => earlier.filter((_, bit) => (bits >> bit) & 1);
    const node = { ...field, name, soft: pick(field.soft), hard: pick(field.hard & ~field.soft) };
    if (options) return { ...node, place: 0, parent: earlier[field.parent], within: earlier[field.within] };
    const none = { parent: undefined, within: undefined, protect: false, retain: false };
    return { ...node, ...none, renamed: false, provider: 0 };
  });
}

const programs = (kind: Kind): fc.Arbitrary<Program> =>
  fc
    .record({
      chosen: fc.subarray(names, { minLength: 0 }),
      fields: fc.array(nodeFields, { minLength: 6, maxLength: 6 }),
      failing: fc.subarray(
        names.flatMap((name) => ["create", "update", "delete"].map((call) => `${call} ${name}`)),
        { maxLength: 3 },
      ),
      how: kind.interrupted
        ? fc.constantFrom("itself" as const, "itself" as const, "cancel" as const, "kill" as const)
        : fc.constant("itself" as const),
      after: fc.nat(25),
      targets: kind.options
        ? fc.option(fc.subarray(names, { minLength: 1 }), { freq: 4, nil: undefined })
        : fc.constant(undefined),
      dependents: fc.boolean(),
    })
    .map(({ chosen, fields, failing, how, after, targets, dependents }) => ({
      nodes: nodesOf(chosen, fields, kind),
      failing: new Set(failing),
      end: { how, after },
      targets,
      dependents,
    }));

function urnsOf(nodes: readonly Node[]): Map<string, string> {
  const urns = new Map<string, string>();
  for (const node of nodes) {
    const parent = node.parent === undefined ? undefined : urns.get(node.parent);
    urns.set(node.name, makeUrn("s", "p", parent, "mem:index:Thing", shownName(node)));
  }
  return urns;
}

class Run {
  readonly messages: string[] = [];
  readonly executor: Executor;
  readonly journal: Journal;
  private readonly abort = new AbortController();
  saved: Snapshot;

  constructor(
    private readonly world: World,
    private readonly base: Snapshot,
    private readonly secrets: SecretsManager,
    targets?: Selection,
  ) {
    this.saved = base;
    this.journal = new Journal(base, async (snapshot) => {
      // As from disk: what is saved must be readable, whenever it is.
      const stored = this.stored(snapshot);
      await world.moment();
      this.saved = stored;
      await world.moment();
    });
    this.executor = new Executor({
      stack: "s",
      project: "p",
      preview: false,
      parallel: 3,
      targets,
      replace: undefined,
      registry: world.registry,
      journal: this.journal,
      base: base.resources,
      emit: (event) => {
        if ("message" in event) this.messages.push(event.message);
      },
      learn: () => undefined,
      callbacks: new Callbacks(),
      signal: this.abort.signal,
    });
  }

  cancel(): void {
    this.abort.abort();
  }

  private stored(snapshot: Snapshot): Snapshot {
    const { deployment } = writeDeployment(snapshot, { secrets: this.secrets, engineVersion: "v3.0.0" });
    return readSnapshot(parseDeployment(JSON.parse(JSON.stringify(deployment)), 3, [], "test"), this.secrets);
  }

  /** As the SDK does it: a resource is registered when all it uses is known, an unknown is passed on. */
  async up(nodes: readonly Node[]): Promise<void> {
    this.world.nodes = nodes;
    // What stays may stay without what it uses.
    for (const { id, retainOnDelete } of this.base.resources) if (retainOnDelete) this.world.retained.add(id);
    this.world.deletesFirst = this.base.resources.some((state) => {
      const node = nodes.find((node) => node.name === nodeName(parseUrn(state.urn).name));
      return state.pendingReplacement || (node !== undefined && node.place !== state.inputs.place);
    });
    const providers = await this.providers(nodes);
    const urns = urnsOf(nodes);
    const ids = new Map<string, Promise<string | undefined>>();
    for (const node of nodes) ids.set(node.name, this.register(node, urns, ids, providers));
    await Promise.all(ids.values());
    await this.executor.settled();
    if (!this.executor.canceled) await this.executor.deleteRemaining();
    await this.journal.flush();
  }

  private async providers(nodes: readonly Node[]): Promise<Map<number, string>> {
    const references = new Map<number, string>();
    for (const provider of new Set(nodes.map((node) => node.provider))) {
      const { urn, state } = await this.executor.register({
        ...emptyGoal,
        type: providerType("mem"),
        name: `mem${provider}`,
        custom: true,
        inputs: { zone: provider },
      });
      references.set(provider, `${urn}::${state?.id}`);
    }
    return references;
  }

  private async register(
    node: Node,
    urns: ReadonlyMap<string, string>,
    ids: ReadonlyMap<string, Promise<string | undefined>>,
    providers: ReadonlyMap<number, string>,
  ): Promise<string | undefined> {
    const resolve = (list: readonly string[]) =>
      Promise.all(list.map(async (name) => (await ids.get(name)) ?? Unknown.value));
    const urnOf = (name: string | undefined): string => (name === undefined ? "" : (urns.get(name) ?? ""));
    const uses = [...node.soft, ...node.hard].map(urnOf);
    const [within] = node.within === undefined ? [""] : await resolve([node.within]);
    if (node.parent !== undefined) await ids.get(node.parent);
    const alias = { type: "", stack: "", project: "", parent: "", noParent: false };
    const goal: Goal = {
      ...emptyGoal,
      type: "mem:index:Thing",
      name: shownName(node),
      custom: true,
      parent: urnOf(node.parent),
      inputs: {
        value: node.value,
        size: node.size,
        place: node.place,
        soft: await resolve(node.soft),
        hard: await resolve(node.hard),
        within: within ?? "",
      },
      dependencies: node.within === undefined ? uses : [...uses, urnOf(node.within)],
      provider: providers.get(node.provider) ?? "",
      propertyDependencies: {
        soft: node.soft.map(urnOf),
        hard: node.hard.map(urnOf),
        ...(node.within === undefined ? {} : { within: [urnOf(node.within)] }),
      },
      protect: node.protect,
      retainOnDelete: node.retain,
      deletedWith: urnOf(node.within),
      aliases: [{ ...alias, name: shownName({ ...node, renamed: !node.renamed }) }],
    };
    const { state, result } = await this.executor.register(goal);
    return result === "success" ? state?.id : undefined;
  }
}

const isThing = (state: ResourceState): boolean => !isProviderType(state.type);

/** In the order of what needs what, and nothing twice. */
function checkForm(snapshot: Snapshot): void {
  const urns = snapshot.resources.filter((state) => !state.delete).map((state) => state.urn);
  expect(new Set(urns).size).toBe(urns.length);
  const seen = new Set<string>();
  for (const state of snapshot.resources) {
    for (const urn of needs(state)) expect(seen).toContain(urn);
    seen.add(state.urn);
  }
}

/**
 * What is meant to stay when the state forgets it, and what is within that. What goes with something else is forgotten before
 * that is deleted, also if its delete then fails: so it is with Pulumi.
 */
function noteLeft(before: Snapshot, after: Snapshot, world: World): void {
  const kept = new Set(idsOf(after));
  for (const { id, retainOnDelete, deletedWith } of before.resources)
    if ((retainOnDelete || deletedWith !== "") && !kept.has(id)) world.left.add(id);
  for (let size = -1; size !== world.left.size; ) {
    size = world.left.size;
    for (const { id, inputs } of world.things.values())
      if (!kept.has(id) && withinOf(inputs).some((container) => world.left.has(container)))
        world.left.add(id);
  }
}

function idsOf(snapshot: Snapshot): string[] {
  return snapshot.resources
    .filter((state) => isThing(state) && !state.pendingReplacement)
    .map((state) => state.id);
}

/** Of a run that came to its end: nothing is lost, nothing is doubled. */
function checkState(snapshot: Snapshot, world: World): void {
  const ids = idsOf(snapshot);
  expect(new Set(ids).size).toBe(ids.length);
  expect([...ids].sort()).toEqual([...world.things.keys()].filter((id) => !world.left.has(id)).sort());
  expect(snapshot.pendingOperations.filter(({ type }) => type !== "creating")).toEqual([]);
  checkForm(snapshot);
}

/** Of a run that was killed: all that exists is in the state, or it says that it may; and the other way around. */
function checkKilled(snapshot: Snapshot, world: World): void {
  checkForm(snapshot);
  const ids = new Set(idsOf(snapshot));
  const pending = (type: string): ResourceState[] =>
    snapshot.pendingOperations.filter((operation) => operation.type === type).map(({ resource }) => resource);
  const creating = pending("creating").map(({ urn }) => nodeName(parseUrn(urn).name));
  for (const { id, node } of world.things.values()) {
    if (ids.has(id) || world.left.has(id)) continue;
    expect(creating).toContain(node);
    // Nobody knows its id: what creates it again finishes it.
    world.left.add(id);
  }
  // By id: one that has another name by now is deleted under its old one.
  const deleting = pending("deleting").map(({ id }) => id);
  const isGone = (id: string): boolean => id !== "" && !world.things.has(id);
  for (const { id, inputs } of snapshot.resources.filter(isThing)) {
    if (!isGone(id) || !ids.has(id)) continue;
    if (!withinOf(inputs).some((container) => deleting.includes(container) || isGone(container)))
      expect(deleting).toContain(id);
    world.half.add(id);
  }
}

/** The same programs each time: a change is not blamed for what another seed finds. `RUNS=5000 SEED=1` looks further. */
const runs = {
  numRuns: Number(process.env.RUNS ?? 50),
  seed: Number(process.env.SEED ?? 1),
  endOnFailure: process.env.SHRINK === "0",
};

const broken = ({ messages }: Run): string[] => messages.filter((message) => message.includes("BROKEN"));

/** Runs it to its end, whatever that is. */
async function runProgram(
  program: Program,
  world: World,
  snapshot: Snapshot,
  secrets: SecretsManager,
): Promise<{ readonly run: Run; readonly killed: boolean }> {
  const { nodes, failing, end, targets, dependents } = program;
  world.failing = failing;
  const urns = targets?.flatMap((name) => [
    ...[...urnsOf(nodes)].flatMap(([node, urn]) => (node === name ? [urn] : [])),
    ...snapshot.resources.flatMap(({ urn }) => (nodeName(parseUrn(urn).name) === name ? [urn] : [])),
  ]);
  world.untouched = new Set(targets && names.filter((name) => !targets.includes(name)));
  world.wasPartly ||= world.untouched.size > 0;
  // What they use may be replaced without them, and is old then, which the state does not tell.
  for (const { id, node } of world.things.values()) if (world.untouched.has(node)) world.retained.add(id);
  const limit = selection({ targets: urns ?? [], targetDependents: dependents });
  const run = new Run(world, snapshot, secrets, limit);
  let moments = 0;
  let kill: () => void = () => undefined;
  const killed = new Promise<true>((done) => {
    kill = () => {
      world.kill();
      done(true);
    };
  });
  world.onMoment = () => {
    if (moments++ !== end.after) return;
    if (end.how === "cancel") run.cancel();
    if (end.how === "kill") kill();
  };
  const result = await Promise.race([run.up(nodes).then(() => false), killed]);
  world.onMoment = () => undefined;
  world.untouched = new Set();
  return { run, killed: result };
}

async function check(list: readonly Program[], secrets: SecretsManager): Promise<void> {
  const world = new World();
  let snapshot: Snapshot = emptySnapshot;
  for (const program of list) {
    const { run, killed } = await runProgram(program, world, snapshot, secrets);
    expect(broken(run)).toEqual([]);
    noteLeft(snapshot, run.saved, world);
    if (killed) {
      checkKilled(run.saved, world);
      snapshot = run.saved;
      // The next run of the same program finishes what was begun.
      const again = new Run(world, snapshot, secrets);
      world.failing = new Set();
      await again.up(program.nodes);
      expect(broken(again)).toEqual([]);
      noteLeft(snapshot, again.saved, world);
      snapshot = again.saved;
    } else snapshot = run.saved;
    checkState(snapshot, world);
  }
  world.failing = new Set();
  // Somebody takes the protection from what is left of earlier programs.
  snapshot = {
    ...snapshot,
    resources: snapshot.resources.map((state) => ({ ...state, protect: false })),
  };
  const nodes = (list.at(-1)?.nodes ?? []).map((node) => ({ ...node, protect: false }));
  const mended = new Run(world, snapshot, secrets);
  await mended.up(nodes);
  expect(mended.messages).toEqual([]);
  noteLeft(snapshot, mended.saved, world);
  checkState(mended.saved, world);
  expect(
    mended.saved.resources
      .filter(isThing)
      .map((state) => state.urn)
      .sort(),
  ).toEqual([...urnsOf(nodes).values()].sort());

  const again = new Run(world, mended.saved, secrets);
  await again.up(nodes);
  const { same, ...others } = again.executor.changes;
  expect(others).toEqual({});
  expect(same ?? 0).toBe(again.saved.resources.length);

  const gone = new Run(world, again.saved, secrets);
  await gone.executor.destroy();
  await gone.journal.flush();
  expect(gone.messages).toEqual([]);
  noteLeft(again.saved, gone.saved, world);
  expect([...world.things.keys()].filter((id) => !world.left.has(id))).toEqual([]);
}

test.each(kinds)(
  "random failures of $name: order kept, nothing lost, and the end is what was asked for",
  async (kind) => {
    const secrets = await SecretsManager.create("p");
    await fc.assert(
      fc.asyncProperty(fc.array(programs(kind), { minLength: 1, maxLength: 4 }), (list) =>
        check(list, secrets),
      ),
      runs,
    );
  },
  runs.numRuns * 400,
);
