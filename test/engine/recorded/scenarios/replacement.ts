import {
  destroy,
  first,
  group,
  ordered,
  preview,
  ref,
  type Scenario,
  scenario,
  thing,
  up,
} from "../scenario";

export const replacement: readonly Scenario[] = [
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
    name: "replacementTrigger",
    ordered: true,
    runs: [
      { do: "up", things: [thing("a", {}, { replacementTrigger: 1 })] },
      { do: "up", things: [thing("a", {}, { replacementTrigger: 1 })] },
      { do: "up", things: [thing("a", {}, { replacementTrigger: 2 })] },
      { do: "up", things: [thing("a", {})] },
    ],
  },

  ordered(
    "replaced twice",
    up(thing("a", { size: 1 })),
    up(thing("a", { size: 2 })),
    up(thing("a", { size: 3, place: 1 })),
    up(thing("a", { size: 3, place: 1 })),
  ),
  ordered(
    "old one first, under one that is replaced new one first",
    up(thing("a", { size: 1 }), thing("b", { size: ref("a", "ownId") }, first)),
    up(thing("a", { size: 2 }), thing("b", { size: ref("a", "ownId") }, first)),
  ),
  ordered(
    "new one first, under one that is replaced old one first",
    up(thing("a", { place: 1 }), thing("b", { size: ref("a", "ownId") }, { deleteBeforeReplace: false })),
    preview(
      thing("a", { place: 2 }),
      thing("b", { size: ref("a", "ownId") }, { deleteBeforeReplace: false }),
    ),
    up(),
  ),
  ordered(
    "a long chain, old ones first",
    up(
      thing("a", { place: 1 }),
      thing("b", { place: ref("a", "ownId") }),
      thing("c", { place: ref("b", "ownId") }),
      thing("d", { place: ref("c", "ownId") }),
    ),
    up(
      thing("a", { place: 2 }),
      thing("b", { place: ref("a", "ownId") }),
      thing("c", { place: ref("b", "ownId") }),
      thing("d", { place: ref("c", "ownId") }),
    ),
    destroy,
  ),
  scenario(
    "what depends by dependsOn alone is not replaced along",
    up(thing("a", { place: 1 }), thing("b", { value: 1 }, { dependsOn: ["a"] })),
    up(thing("a", { place: 2 }), thing("b", { value: 1 }, { dependsOn: ["a"] })),
  ),
  scenario(
    "a dependent is replaced along and changes too",
    up(thing("a", { place: 1 }), thing("b", { size: ref("a", "ownId"), value: 1 })),
    up(thing("a", { place: 2 }), thing("b", { size: ref("a", "ownId"), value: 2 })),
  ),
  scenario(
    "a dependent is replaced along and no longer depends",
    up(thing("a", { place: 1 }), thing("b", { size: ref("a", "ownId") })),
    up(thing("a", { place: 2 }), thing("b", { size: 1 })),
  ),
  scenario(
    "a dependent that must be replaced along is protected",
    up(thing("a", { place: 1 }), thing("b", { size: ref("a", "ownId") }, { protect: true })),
    up(thing("a", { place: 2 }), thing("b", { size: ref("a", "ownId") }, { protect: true })),
  ),
  scenario(
    "a dependent that is replaced after is protected",
    up(thing("a", { size: 1 }), thing("b", { size: ref("a", "ownId") }, { protect: true })),
    up(thing("a", { size: 2 }), thing("b", { size: ref("a", "ownId") }, { protect: true })),
  ),
  scenario(
    "a dependent that is replaced along is kept at its delete",
    up(thing("a", { place: 1 }), thing("b", { size: ref("a", "ownId") }, { retainOnDelete: true })),
    up(thing("a", { place: 2 }), thing("b", { size: ref("a", "ownId") }, { retainOnDelete: true })),
  ),
  scenario(
    "a component's children are replaced",
    up(
      group("g"),
      thing("a", { place: 1 }, { parent: "g" }),
      thing("b", { size: ref("a", "ownId") }, { parent: "g" }),
    ),
    up(
      group("g"),
      thing("a", { place: 2 }, { parent: "g" }),
      thing("b", { size: ref("a", "ownId") }, { parent: "g" }),
    ),
  ),
  scenario(
    "replaceOnChanges: paths of a provider that tells them",
    up(thing("a", { detailed: true, deep: { x: 1, y: [1, 2] } })),
    up(thing("a", { detailed: true, deep: { x: 2, y: [1, 2] } }, { replaceOnChanges: ["deep.y"] })),
    up(thing("a", { detailed: true, deep: { x: 2, y: [1, 3] } }, { replaceOnChanges: ["deep.y[*]"] })),
    up(thing("a", { detailed: true, deep: { x: 3, y: [1, 3] } }, { replaceOnChanges: ["deep"] })),
  ),
  scenario(
    "replaceOnChanges and ignoreChanges of the same",
    up(thing("a", { value: 1 })),
    up(thing("a", { value: 2 }, { replaceOnChanges: ["value"], ignoreChanges: ["value"] })),
  ),
  scenario(
    "replaceOnChanges of a dependent",
    up(thing("a", { place: 1, value: 1 }), thing("b", { value: ref("a") }, { replaceOnChanges: ["value"] })),
    up(thing("a", { place: 2, value: 2 }), thing("b", { value: ref("a") }, { replaceOnChanges: ["value"] })),
  ),
  scenario(
    "replacementTrigger that is an output",
    up(thing("a", { value: 1 }), thing("b", {}, { replacementTrigger: ref("a") })),
    preview(thing("a", { value: 2 }), thing("b", {}, { replacementTrigger: ref("a") })),
    up(),
    up(),
  ),
  scenario(
    "replacementTrigger that is a secret or a map",
    up(
      thing("a", {}, { replacementTrigger: { $secret: "x" } }),
      thing("b", {}, { replacementTrigger: { k: [1] } }),
    ),
    up(
      thing("a", {}, { replacementTrigger: { $secret: "y" } }),
      thing("b", {}, { replacementTrigger: { k: [1] } }),
    ),
    up(
      thing("a", {}, { replacementTrigger: { $secret: "y" } }),
      thing("b", {}, { replacementTrigger: { k: [2] } }),
    ),
  ),
  scenario(
    "details of a provider that tells paths",
    up(thing("a", { detailed: true, size: { x: 1 }, value: 1 })),
    preview(thing("a", { detailed: true, size: { x: 2 }, value: 1 })),
    up(),
    up(thing("a", { detailed: true, place: { x: 2 }, size: { x: 2 } })),
  ),
];
