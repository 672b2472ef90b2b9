import { destroy, group, preview, provider, ref, run, type Scenario, scenario, thing, up } from "../scenario";

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

  scenario(
    "the default provider's configuration",
    { ...up(thing("a", { value: 1 })), config: { "testing:account": "one" } },
    { ...up(), config: { "testing:account": "one", "testing:color": "red" } },
    { ...up(), config: { "testing:account": "two" } },
    { ...up(), config: { "testing:account": { $secret: "two" } } },
  ),
  scenario(
    "two versions of the default provider",
    run('new Thing("a", { value: 1 }); new Thing("b", { value: 1 }, { version: "1.1.0" });'),
    run(
      'new Thing("a", { value: 1 }, { version: "1.1.0" }); new Thing("b", { value: 1 }, { version: "1.1.0" });',
    ),
    destroy,
  ),
  scenario(
    "a component's providers",
    up(
      provider("cloud", { account: "one" }),
      group("g", { providers: ["cloud"] }),
      thing("a", {}, { parent: "g" }),
      thing("b", {}, { parent: "a" }),
      thing("c"),
    ),
    destroy,
  ),
  scenario(
    "a component's provider",
    up(
      provider("cloud", { account: "one" }),
      group("g", { provider: "cloud" }),
      group("h", { parent: "g" }),
      thing("a", {}, { parent: "h" }),
    ),
    up(group("g"), group("h", { parent: "g" }), thing("a", {}, { parent: "h" })),
  ),
  scenario(
    "a parent's provider",
    up(
      provider("cloud", { account: "one" }),
      thing("a", {}, { provider: "cloud" }),
      thing("b", {}, { parent: "a" }),
    ),
  ),
  scenario(
    "a provider leaves the program with its things",
    up(
      provider("cloud", { account: "one" }),
      thing("a", { value: 1 }, { provider: "cloud" }),
      thing("b", { value: ref("a") }),
    ),
    up(thing("b", { value: "made-1" })),
  ),
  scenario(
    "to an explicit provider, and back",
    up(thing("a", { value: 1 })),
    up(provider("cloud", { account: "one" }), thing("a", { value: 1 }, { provider: "cloud" })),
    up(provider("cloud", { account: "one" }), thing("a", { value: 1 })),
  ),
  scenario(
    "from one provider to another",
    up(
      provider("cloud", { account: "one" }),
      provider("sky", { account: "one" }),
      thing("a", { value: 1 }, { provider: "cloud" }),
    ),
    up(
      provider("cloud", { account: "one" }),
      provider("sky", { account: "two" }),
      thing("a", { value: 1 }, { provider: "sky" }),
    ),
  ),
  scenario(
    "a provider made of a thing's output",
    preview(
      thing("a", { value: 1 }),
      provider("cloud", { account: ref("a") }),
      thing("b", { value: 1 }, { provider: "cloud" }),
    ),
    up(),
    preview(
      thing("a", { value: 2 }),
      provider("cloud", { account: ref("a") }),
      thing("b", { value: 1 }, { provider: "cloud" }),
    ),
    up(),
    destroy,
  ),
  scenario(
    "a secret in a provider's configuration",
    up(provider("cloud", { account: { $secret: "one" } }), thing("a", { value: 1 }, { provider: "cloud" })),
    up(provider("cloud", { account: "one" }), thing("a", { value: 1 }, { provider: "cloud" })),
  ),
  scenario(
    "a protected provider",
    up(
      provider("cloud", { account: "one" }, { protect: true }),
      thing("a", { value: 1 }, { provider: "cloud" }),
    ),
    destroy,
  ),
  scenario(
    "default providers that are forbidden",
    { ...up(thing("a", { value: 1 })), config: { "pulumi:disable-default-providers": ["testing"] } },
    up(provider("cloud", { account: "one" }), thing("a", { value: 1 }, { provider: "cloud" })),
  ),
  scenario(
    "a provider that is replaced with dependents, old one first",
    up(
      provider("cloud", { account: "one" }, { deleteBeforeReplace: true }),
      thing("a", { value: 1 }, { provider: "cloud" }),
      thing("b", { size: ref("a", "ownId") }),
    ),
    up(
      provider("cloud", { account: "two" }, { deleteBeforeReplace: true }),
      thing("a", { value: 1 }, { provider: "cloud" }),
      thing("b", { size: ref("a", "ownId") }),
    ),
  ),
  scenario(
    "default providers of places to download from",
    up(
      thing("a", { value: 1 }, { pluginDownloadURL: "https://x.invalid/a" }),
      thing("b", { value: 1 }, { pluginDownloadURL: "https://x.invalid//\u00fc b?c=d.e-f" }),
      thing(
        "c",
        { value: 1 },
        { pluginDownloadURL: "github://api.github.com/x", version: "1.2.3-alpha.1+build" },
      ),
    ),
    up(),
  ),
];
