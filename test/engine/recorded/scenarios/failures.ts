import { ref, type Scenario, thing } from "../scenario";

export const failures: readonly Scenario[] = [
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
];
