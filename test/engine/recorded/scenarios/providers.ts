import { type Scenario, thing } from "../scenario";

export const providers: readonly Scenario[] = [
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
];
