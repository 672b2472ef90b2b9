import { ref, type Scenario, thing } from "../scenario";

export const previews: readonly Scenario[] = [
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
];
