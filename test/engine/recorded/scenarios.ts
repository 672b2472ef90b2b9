/**
 * What is run through both engines: each scenario is a stack of its own on which operations follow each other. Programs are
 * lists for programs/things.js, steered by the inputs that fixtures/provider.js knows.
 */
import type { ThingSpec } from "../testProject";

export interface Run {
  readonly do: "up" | "preview" | "refresh" | "destroy";
  /** What the program makes from now on. */
  readonly things?: readonly ThingSpec[];
  /** Changes behind the engine's back, before the operation: new inputs by name, or null to remove the thing. */
  readonly drift?: Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;
  /** Names of things to limit the operation to. */
  readonly targets?: readonly string[];
  /** What is not compared, because the embedded engine does it otherwise on purpose. */
  readonly except?: readonly ("calls" | "steps" | "changes")[];
}

export interface Scenario {
  readonly name: string;
  /** The steps depend on each other, so that their order is compared too. */
  readonly ordered?: true;
  /**
   * What the embedded engine follows here is newer than what was recorded: what is `deletedWith` something replaced is
   * replaced with it, without a delete of its own (Pulumi after 3.259). Only results are compared until that is recorded.
   */
  readonly newer?: true;
  readonly runs: readonly Run[];
}

type Inputs = Readonly<Record<string, unknown>>;
type Options = Readonly<Record<string, unknown>>;

const thing = (name: string, inputs: Inputs = {}, options: Options = {}): ThingSpec => ({
  name,
  inputs,
  options,
});
const ref = (name: string, key = "made"): Inputs => ({ $ref: `${name}.${key}` });
const first = { deleteBeforeReplace: true };

/** Comparable to a machine, the swarm made on it, what marks that swarm, and two services on it. */
const swarm = (machine: Inputs, init: Inputs = {}): ThingSpec[] => [
  thing("vm", machine, first),
  thing(
    "init",
    { size: ref("vm"), ...init },
    { ...first, replaceOnChanges: ["at"], deletedWith: "vm", dependsOn: ["vm"] },
  ),
  thing("mark", {}, { ...first, dependsOn: ["init"], replaceWith: ["vm", "init"], deletedWith: "vm" }),
  thing("one", {}, { ...first, dependsOn: ["mark"], replaceWith: ["vm", "init"], deletedWith: "mark" }),
  thing("two", {}, { ...first, dependsOn: ["one"], replaceWith: ["vm", "init"], deletedWith: "mark" }),
];

export const scenarios: readonly Scenario[] = [
  {
    name: "create, nothing, update, less, destroy",
    ordered: true,
    runs: [
      { do: "preview", things: [thing("a", { value: 1 }), thing("b", { value: ref("a") })] },
      { do: "up" },
      { do: "up" },
      { do: "preview", things: [thing("a", { value: 2 }), thing("b", { value: ref("a") })] },
      { do: "up" },
      { do: "up", things: [thing("a", { value: 2 })] },
      { do: "destroy" },
    ],
  },
  {
    name: "replace, new one first",
    ordered: true,
    runs: [
      { do: "up", things: [thing("a", { size: 1 }), thing("b", { value: ref("a", "ownId") })] },
      { do: "preview", things: [thing("a", { size: 2 }), thing("b", { value: ref("a", "ownId") })] },
      { do: "up" },
    ],
  },
  {
    name: "replace of a chain, new ones first",
    ordered: true,
    runs: [
      { do: "up", things: [thing("a", { size: 1 }), thing("b", { size: ref("a", "ownId") })] },
      { do: "up", things: [thing("a", { size: 2 }), thing("b", { size: ref("a", "ownId") })] },
      { do: "destroy" },
    ],
  },
  {
    name: "replace, old one first, with dependents that must and that need not follow",
    runs: [
      {
        do: "up",
        things: [
          thing("a", { place: 1 }),
          thing("b", { size: ref("a", "ownId") }),
          thing("c", { value: ref("b", "ownId") }),
          thing("d", { size: ref("b", "ownId") }),
        ],
      },
      {
        do: "preview",
        things: [
          thing("a", { place: 2 }),
          thing("b", { size: ref("a", "ownId") }),
          thing("c", { value: ref("b", "ownId") }),
          thing("d", { size: ref("b", "ownId") }),
        ],
      },
      { do: "up" },
    ],
  },
  {
    name: "replace, old one first, and a dependent leaves the program",
    ordered: true,
    runs: [
      { do: "up", things: [thing("a", { place: 1 }), thing("b", { size: ref("a", "ownId") })] },
      { do: "up", things: [thing("a", { place: 2 })] },
    ],
  },
  {
    name: "deleteBeforeReplace as an option, on and off",
    runs: [
      {
        do: "up",
        things: [thing("a", { size: 1 }, first), thing("b", { place: 1 }, { deleteBeforeReplace: false })],
      },
      {
        do: "up",
        things: [
          thing("a", { size: 2 }, first),
          thing("b", { place: 2 }, { deleteBeforeReplace: false, dependsOn: ["a"] }),
        ],
      },
    ],
  },
  {
    name: "protect",
    runs: [
      { do: "up", things: [thing("a", { size: 1 }, { protect: true })] },
      { do: "destroy" },
      { do: "up", things: [thing("a", { size: 2 }, { protect: true })] },
      { do: "up", things: [] },
      { do: "up", things: [thing("a", { size: 1 })] },
      { do: "destroy" },
    ],
  },
  {
    name: "aliases",
    runs: [
      {
        do: "up",
        things: [
          { name: "app", kind: "group" },
          thing("app-part", { value: 1 }, { parent: "app" }),
          thing("user", { value: ref("app-part") }),
        ],
      },
      {
        do: "up",
        things: [
          { name: "web", kind: "group", options: { aliases: [{ name: "app" }] } },
          thing("web-part", { value: 1 }, { parent: "web" }),
          thing("user", { value: ref("web-part") }),
        ],
      },
      {
        do: "up",
        things: [
          { name: "web", kind: "group", options: { aliases: [{ name: "app" }] } },
          thing("renamed", { size: 1 }, { parent: "web", aliases: [{ name: "web-part" }] }),
          thing("user", { value: ref("renamed") }),
        ],
      },
    ],
  },
  {
    name: "ignoreChanges",
    runs: [
      { do: "up", things: [thing("a", { value: 1, deep: { x: 1, y: 1 } })] },
      {
        do: "up",
        things: [
          thing("a", { value: 2, deep: { x: 2, y: 1 } }, { ignoreChanges: ["value", "deep.x", "none.of"] }),
        ],
      },
      { do: "up", things: [thing("a", { value: 2, deep: { x: 2, y: 2 } }, { ignoreChanges: ["deep.x"] })] },
    ],
  },
  {
    name: "replaceOnChanges",
    ordered: true,
    runs: [
      { do: "up", things: [thing("a", { value: 1, deep: { x: 1 } })] },
      { do: "up", things: [thing("a", { value: 2, deep: { x: 1 } }, { replaceOnChanges: ["value"] })] },
      { do: "up", things: [thing("a", { value: 2, deep: { x: 2 } }, { replaceOnChanges: ["deep"] })] },
      { do: "up", things: [thing("a", { value: 3, deep: { x: 2 } }, { replaceOnChanges: ["*"] })] },
    ],
  },
  {
    name: "secrets",
    runs: [
      {
        do: "up",
        things: [
          thing("a", { value: { $secret: "hush" }, list: [1, { $secret: { b: 2 } }] }),
          thing("b", { value: ref("a") }),
          thing("c", { value: 1 }, { additionalSecretOutputs: ["made", "ownId"] }),
          thing("d", { value: ref("c") }),
        ],
      },
      {
        do: "preview",
        things: [
          thing("a", { value: { $secret: "hushed" } }),
          thing("b", { value: ref("a") }),
          thing("c", { value: 1 }),
          thing("d", { value: ref("c") }),
        ],
      },
      { do: "up" },
    ],
  },
  {
    name: "deletedWith",
    newer: true,
    runs: [
      {
        do: "up",
        things: [
          thing("host", { size: 1 }),
          thing("guest", { size: 1 }, { deletedWith: "host" }),
          thing("other", { size: ref("host", "ownId") }, { deletedWith: "host" }),
        ],
      },
      {
        do: "up",
        things: [
          thing("host", { size: 2 }),
          thing("guest", { size: 1 }, { deletedWith: "host" }),
          thing("other", { size: ref("host", "ownId") }, { deletedWith: "host" }),
        ],
      },
      {
        do: "up",
        things: [thing("host", { size: 2 }), thing("guest", { size: 1 }, { deletedWith: "host" })],
      },
      { do: "destroy" },
    ],
  },
  {
    name: "deletedWith something that is deleted before it is replaced",
    newer: true,
    runs: [
      {
        do: "up",
        things: [
          thing("host", { place: 1 }),
          thing("guest", { size: 1 }, { deletedWith: "host" }),
          thing("tied", { size: ref("host", "ownId") }, { deletedWith: "host", dependsOn: ["guest"] }),
        ],
      },
      {
        do: "up",
        things: [
          thing("host", { place: 2 }),
          thing("guest", { size: 1 }, { deletedWith: "host" }),
          thing("tied", { size: ref("host", "ownId") }, { deletedWith: "host", dependsOn: ["guest"] }),
        ],
      },
      { do: "destroy" },
    ],
  },
  {
    name: "replaceWith",
    ordered: true,
    runs: [
      {
        do: "up",
        things: [
          thing("a", { size: 1 }),
          thing("b", {}, { replaceWith: ["a"], dependsOn: ["a"] }),
          thing("c", {}, { replaceWith: ["b"], dependsOn: ["b"] }),
        ],
      },
      {
        do: "up",
        things: [
          thing("a", { size: 2 }),
          thing("b", {}, { replaceWith: ["a"], dependsOn: ["a"] }),
          thing("c", {}, { replaceWith: ["b"], dependsOn: ["b"] }),
        ],
      },
    ],
  },
  {
    name: "replaceWith something that is deleted before it is replaced",
    runs: [
      {
        do: "up",
        things: [
          thing("a", { place: 1 }),
          thing("b", {}, { replaceWith: ["a"], dependsOn: ["a"] }),
          thing("c", {}, { replaceWith: ["b"], dependsOn: ["b"] }),
        ],
      },
      {
        do: "up",
        things: [
          thing("a", { place: 2 }),
          thing("b", {}, { replaceWith: ["a"], dependsOn: ["a"] }),
          thing("c", {}, { replaceWith: ["b"], dependsOn: ["b"] }),
        ],
      },
    ],
  },
  {
    name: "a machine, a swarm on it, and services",
    newer: true,
    runs: [
      { do: "up", things: swarm({ place: 1, value: 1 }) },
      { do: "up", things: swarm({ place: 2, value: 1 }) },
      { do: "up", things: swarm({ place: 2, value: 2 }) },
      { do: "up", things: swarm({ place: 2, value: 2 }, { at: 1 }) },
      { do: "destroy" },
    ],
  },
  {
    name: "replacementTrigger",
    ordered: true,
    runs: [
      { do: "up", things: [thing("a", {}, { replacementTrigger: 1 })] },
      { do: "up", things: [thing("a", {}, { replacementTrigger: 1 })] },
      { do: "up", things: [thing("a", {}, { replacementTrigger: 2 })] },
      { do: "up", things: [thing("a", {})] },
    ],
  },
  {
    name: "retainOnDelete",
    runs: [
      { do: "up", things: [thing("a", { size: 1 }, { retainOnDelete: true }), thing("b", { size: 1 })] },
      { do: "up", things: [thing("a", { size: 2 }, { retainOnDelete: true }), thing("b", { size: 1 })] },
      { do: "up", things: [thing("b", { size: 1 })] },
    ],
  },
  {
    name: "targets of an update",
    runs: [
      { do: "up", things: [thing("a", { value: 1 }), thing("b", { value: 1 })] },
      { do: "up", things: [thing("a", { value: 2 }), thing("b", { value: 2 })], targets: ["a"] },
      { do: "up", things: [thing("a", { value: 2 }), thing("c", { value: 1 })], targets: ["a"] },
      { do: "up" },
    ],
  },
  {
    name: "targets of a destroy and of a refresh",
    runs: [
      { do: "up", things: [thing("a", { value: 1 }), thing("b", { value: ref("a") }), thing("c", {})] },
      { do: "refresh", drift: { a: { value: 5 }, c: { value: 5 } }, targets: ["a"] },
      { do: "destroy", targets: ["b"] },
    ],
  },
  {
    name: "refresh with drift, and update after it",
    runs: [
      { do: "up", things: [thing("a", { value: 1 }), thing("b", { value: ref("a") }), thing("c", {})] },
      { do: "refresh" },
      { do: "refresh", drift: { a: { value: 7 }, c: null } },
      { do: "up" },
    ],
  },
  {
    name: "a step that fails",
    runs: [
      {
        do: "up",
        things: [
          thing("a", { value: 1 }),
          thing("b", { fail: "create", value: ref("a") }),
          thing("c", { value: ref("b") }),
        ],
      },
      {
        do: "up",
        things: [thing("a", { value: 1 }), thing("b", { value: ref("a") }), thing("c", { value: ref("b") })],
      },
      {
        do: "up",
        things: [
          thing("a", { value: 2, fail: "update" }),
          thing("b", { value: ref("a") }),
          thing("c", { value: ref("b") }),
        ],
      },
      {
        do: "up",
        things: [thing("a", { value: 2 }), thing("b", { value: ref("a") }), thing("c", { value: ref("b") })],
      },
    ],
  },
  {
    name: "a delete that fails",
    ordered: true,
    runs: [
      { do: "up", things: [thing("a", { value: 1 }), thing("b", { value: ref("a"), fail: "delete" })] },
      { do: "destroy" },
      { do: "up", things: [thing("a", { value: 1 }), thing("b", { value: ref("a") })] },
      { do: "destroy" },
    ],
  },
  {
    name: "a replacement of which the create fails",
    ordered: true,
    runs: [
      { do: "up", things: [thing("a", { place: 1 }), thing("b", { size: ref("a", "ownId") })] },
      {
        do: "up",
        things: [thing("a", { place: 2, fail: "create" }), thing("b", { size: ref("a", "ownId") })],
      },
      {
        do: "up",
        things: [thing("a", { place: 2 }), thing("b", { size: ref("a", "ownId") })],
        // The CLI deletes b again, which the failed run has deleted.
        except: ["calls"],
      },
      {
        do: "up",
        things: [thing("a", { size: 3, place: 2, fail: "create" }), thing("b", { size: ref("a", "ownId") })],
      },
      { do: "up", things: [thing("a", { size: 3, place: 2 }), thing("b", { size: ref("a", "ownId") })] },
    ],
  },
  {
    name: "a replacement of which the delete fails",
    ordered: true,
    runs: [
      { do: "up", things: [thing("a", { size: 1, fail: "delete" })] },
      { do: "up", things: [thing("a", { size: 2 })] },
      { do: "up" },
    ],
  },
  {
    name: "made, but not ready",
    runs: [
      { do: "up", things: [thing("a", { value: 1, fail: "init" })] },
      { do: "up", things: [thing("a", { value: 1 })] },
      { do: "up" },
    ],
  },
  {
    name: "a check that fails",
    runs: [
      { do: "preview", things: [thing("a", { value: 1, fail: "check" }), thing("b", {})] },
      { do: "up", things: [thing("a", { value: 1, fail: "check" })] },
    ],
  },
  {
    name: "a program that throws",
    runs: [
      { do: "up", things: [thing("a", { value: 1 }), thing("b", {})] },
      { do: "up", things: [thing("a", { value: 1 }), thing("throw")] },
    ],
  },
  {
    name: "a provider of its own, that changes",
    runs: [
      {
        do: "up",
        things: [
          { name: "cloud", kind: "provider", inputs: { account: "one" } },
          thing("a", { value: 1 }, { provider: "cloud" }),
        ],
      },
      {
        do: "up",
        things: [
          { name: "cloud", kind: "provider", inputs: { account: "one", color: "red" } },
          thing("a", { value: 1 }, { provider: "cloud" }),
        ],
      },
      {
        do: "up",
        things: [
          { name: "cloud", kind: "provider", inputs: { account: "two", color: "red" } },
          thing("a", { value: 1 }, { provider: "cloud" }),
        ],
      },
      { do: "up", things: [thing("a", { value: 1 })] },
    ],
  },
  {
    name: "read, and then managed",
    runs: [
      { do: "up", things: [thing("a", { value: 1 }), thing("r", {}, { id: ref("a", "ownId") })] },
      { do: "up" },
      { do: "up", things: [thing("a", { value: 1 }), thing("r", { value: 3 })] },
      { do: "up", things: [thing("a", { value: 1 }), thing("r", {}, { id: ref("a", "ownId") })] },
      { do: "destroy" },
    ],
  },
  {
    name: "unknowns in a preview",
    runs: [
      {
        do: "preview",
        things: [
          thing("a", { value: 1 }),
          thing("b", { value: ref("a"), list: [ref("a", "ownId"), 2], size: ref("a") }),
          { name: "g", kind: "group", options: { dependsOn: ["b"] } },
          thing("c", { value: { in: ref("b") } }, { parent: "g" }),
        ],
      },
      { do: "up" },
      {
        do: "preview",
        things: [
          thing("a", { value: 2 }),
          thing("b", { value: ref("a"), list: [ref("a", "ownId"), 2], size: ref("a") }),
          { name: "g", kind: "group", options: { dependsOn: ["b"] } },
          thing("c", { value: { in: ref("b") } }, { parent: "g" }),
        ],
      },
      { do: "up" },
    ],
  },
  {
    name: "options kept in the state",
    runs: [
      {
        do: "up",
        things: [
          thing("a", { value: 1 }, { customTimeouts: { create: "5m", delete: "30s" }, hideDiffs: ["value"] }),
          thing("b", { value: 1 }, { parent: "a", ignoreChanges: ["x"], replaceOnChanges: ["y"] }),
          thing("c", { value: null, list: [], map: {}, text: "", no: false }, { dependsOn: ["b", "a"] }),
        ],
      },
      { do: "up" },
    ],
  },
];
