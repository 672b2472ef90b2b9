import { destroy, group, preview, provider, ref, run, type Scenario, scenario, thing, up } from "../scenario";

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

  scenario(
    "a new name",
    up(thing("a", { value: 1 }), thing("user", { value: ref("a") })),
    preview(thing("b", { value: 1 }, { aliases: [{ name: "a" }] }), thing("user", { value: ref("b") })),
    up(),
    up(thing("b", { value: 1 }), thing("user", { value: ref("b") })),
    destroy,
  ),
  scenario(
    "into a component, and out of it",
    up(group("g"), thing("a", { value: 1 })),
    up(group("g"), thing("a", { value: 1 }, { parent: "g", aliases: [{ parent: null }] })),
    up(group("g"), thing("a", { value: 1 }, { aliases: [{ parent: "g" }] })),
  ),
  scenario(
    "from one component to another",
    up(group("g"), group("h"), thing("a", { value: 1 }, { parent: "g" })),
    up(group("g"), group("h"), thing("a", { value: 1 }, { parent: "h", aliases: [{ parent: "g" }] })),
    up(group("h"), thing("a", { value: 1 }, { parent: "h", aliases: [{ parent: "h" }] })),
  ),
  scenario(
    "another type",
    up(thing("a", { value: 1 }), thing("user", { value: ref("a") })),
    up(
      { ...thing("a", { value: 1 }, { aliases: [{ type: "testing:index:Thing" }] }), kind: "other" },
      thing("user", { value: ref("a") }),
    ),
    up({ ...thing("a", { value: 2 }), kind: "other" }, thing("user", { value: ref("a") })),
  ),
  scenario(
    "name, parent and type at once",
    up(thing("a", { value: 1 })),
    up(group("g"), {
      ...thing(
        "b",
        { value: 1 },
        { parent: "g", aliases: [{ name: "a", type: "testing:index:Thing", parent: null }] },
      ),
      kind: "other",
    }),
  ),
  scenario(
    "by URN",
    up(thing("a", { value: 1 })),
    up(thing("b", { value: 1 }, { aliases: ["urn:pulumi:dev::sample::testing:index:Thing::a"] })),
  ),
  scenario(
    "the second of several",
    up(thing("a", { value: 1 })),
    up(thing("d", { value: 1 }, { aliases: [{ name: "c" }, { name: "a" }, { name: "b" }] })),
  ),
  scenario(
    "two are there: one is deleted",
    up(thing("a", { value: 1 }), thing("b", { value: 1 })),
    up(thing("c", { value: 1 }, { aliases: [{ name: "a" }, { name: "b" }] })),
  ),
  scenario(
    "both the new and the old name are in the state",
    up(thing("a", { value: 1 }), thing("b", { value: 1 })),
    up(thing("b", { value: 1 }, { aliases: [{ name: "a" }] })),
  ),
  scenario(
    "two want the same",
    up(thing("a", { value: 1 })),
    up(
      thing("b", { value: 1 }, { aliases: [{ name: "a" }] }),
      thing("c", { value: 1 }, { aliases: [{ name: "a" }], dependsOn: ["b"] }),
    ),
  ),
  scenario(
    "names are swapped",
    up(thing("a", { value: 1 }), thing("b", { value: 2 })),
    up(
      thing("b", { value: 1 }, { aliases: [{ name: "a" }] }),
      thing("a", { value: 2 }, { aliases: [{ name: "b" }] }),
    ),
  ),
  scenario(
    "a new name and a replacement, new one first",
    up(thing("a", { size: 1 }), thing("user", { value: ref("a") })),
    up(thing("b", { size: 2 }, { aliases: [{ name: "a" }] }), thing("user", { value: ref("b") })),
  ),
  scenario(
    "a new name and a replacement, old one first",
    up(thing("a", { place: 1 }), thing("user", { size: ref("a", "ownId") })),
    up(thing("b", { place: 2 }, { aliases: [{ name: "a" }] }), thing("user", { size: ref("b", "ownId") })),
  ),
  scenario(
    "a new name of a provider",
    up(provider("cloud", { account: "one" }), thing("a", { value: 1 }, { provider: "cloud" })),
    up(
      provider("sky", { account: "one" }, { aliases: [{ name: "cloud" }] }),
      thing("a", { value: 1 }, { provider: "sky" }),
    ),
    up(provider("sky", { account: "one" }), thing("a", { value: 2 }, { provider: "sky" })),
  ),
  scenario(
    "another type of a component",
    run(
      'new pulumi.ComponentResource("my:index:Old", "c", {}); const c = new pulumi.ComponentResource("my:index:Old", "p", {}); new Thing("p-child", { value: 1 }, { parent: c });',
    ),
    run(
      'const c = new pulumi.ComponentResource("my:index:New", "p", {}, { aliases: [{ type: "my:index:Old" }] }); new Thing("p-child", { value: 1 }, { parent: c });',
    ),
    run(
      'const c = new pulumi.ComponentResource("my:index:New", "p", {}); new Thing("p-child", { value: 2 }, { parent: c });',
    ),
  ),
  scenario(
    "grandchildren of a component with a new name",
    run(
      'const c = new Group("one"); const d = new Group("one-in", { parent: c }); new Thing("one-leaf", { value: 1 }, { parent: d });',
    ),
    run(
      'const c = new Group("two", { aliases: [{ name: "one" }] }); const d = new Group("two-in", { parent: c }); new Thing("two-leaf", { value: 1 }, { parent: d });',
    ),
  ),
  scenario(
    "of what deletedWith and replaceWith name",
    up(thing("host", { value: 1 }), thing("a", {}, { deletedWith: "host" })),
    up(
      thing("server", { value: 1 }, { aliases: [{ name: "host" }] }),
      thing("a", {}, { deletedWith: "server" }),
    ),
    destroy,
  ),
];
