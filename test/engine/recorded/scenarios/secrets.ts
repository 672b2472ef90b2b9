import { ref, type Scenario, thing } from "../scenario";

export const secrets: readonly Scenario[] = [
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
];
