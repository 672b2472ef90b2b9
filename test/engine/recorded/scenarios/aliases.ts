import { ref, type Scenario, thing } from "../scenario";

export const aliases: readonly Scenario[] = [
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
];
