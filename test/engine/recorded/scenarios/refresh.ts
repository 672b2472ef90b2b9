import { ref, type Scenario, thing } from "../scenario";

export const refresh: readonly Scenario[] = [
  {
    name: "refresh with drift, and update after it",
    runs: [
      { do: "up", things: [thing("a", { value: 1 }), thing("b", { value: ref("a") }), thing("c", {})] },
      { do: "refresh" },
      { do: "refresh", drift: { a: { value: 7 }, c: null } },
      { do: "up" },
    ],
  },
];
