import { ref, type Scenario, thing } from "../scenario";

export const targets: readonly Scenario[] = [
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
];
