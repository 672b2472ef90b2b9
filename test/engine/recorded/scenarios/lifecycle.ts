import { ref, type Scenario, thing } from "../scenario";

export const lifecycle: readonly Scenario[] = [
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
    name: "retainOnDelete",
    runs: [
      { do: "up", things: [thing("a", { size: 1 }, { retainOnDelete: true }), thing("b", { size: 1 })] },
      { do: "up", things: [thing("a", { size: 2 }, { retainOnDelete: true }), thing("b", { size: 1 })] },
      { do: "up", things: [thing("b", { size: 1 })] },
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
    name: "read, and then managed",
    runs: [
      { do: "up", things: [thing("a", { value: 1 }), thing("r", {}, { id: ref("a", "ownId") })] },
      { do: "up" },
      { do: "up", things: [thing("a", { value: 1 }), thing("r", { value: 3 })] },
      { do: "up", things: [thing("a", { value: 1 }), thing("r", {}, { id: ref("a", "ownId") })] },
      { do: "destroy" },
    ],
  },
];
