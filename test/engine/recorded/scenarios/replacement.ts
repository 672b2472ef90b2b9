import { first, ref, type Scenario, thing } from "../scenario";

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
];
