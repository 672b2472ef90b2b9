import {
  destroy,
  provider,
  ref,
  refresh,
  run,
  type Scenario,
  scenario,
  secret,
  thing,
  up,
} from "../scenario";

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

  scenario(
    "open becomes secret and open again",
    up(thing("a", { value: "x", map: { k: "v" } })),
    up(thing("a", { value: secret("x"), map: { k: secret("v") } })),
    up(thing("a", { value: "x", map: { k: "v" } })),
  ),
  scenario(
    "secrets in lists and maps, and secrets in secrets",
    up(
      thing("a", {
        list: [secret(1), [secret({ x: secret("y") })]],
        map: secret({ k: secret("v"), open: 1 }),
      }),
      thing("b", { list: [ref("a", "list")] }),
    ),
    up(),
    up(thing("a", { list: [secret(2)] }), thing("b", { list: [ref("a", "list")] })),
  ),
  scenario(
    "a provider that knows no secrets",
    up(
      provider("cloud", { secrets: "no", account: secret("me") }),
      thing("a", { value: secret("x"), list: [secret(1), 2] }, { provider: "cloud" }),
    ),
    up(
      provider("cloud", { secrets: "no", account: secret("me") }),
      thing("a", { value: secret("y"), list: [secret(1), 2] }, { provider: "cloud" }),
    ),
    refresh,
    destroy,
  ),
  scenario(
    "secrets in exports and components",
    run(
      'const a = new Thing("a", { value: pulumi.secret("x") }); exports.value = a.value; exports.part = { x: [a.made] }; exports.open = pulumi.unsecret(a.made); new Group("g", {}, { s: pulumi.secret(1), m: a.made });',
    ),
    run('exports.value = "x";'),
  ),
  scenario(
    "secrets through functions",
    run(
      'exports.a = askOutput({ question: pulumi.secret("why") }).apply((r) => r.answer); exports.b = askOutput({ question: "how" }).apply((r) => r.answer);',
    ),
  ),
  scenario(
    "a secret is drifted",
    up(thing("a", { value: secret("x") })),
    { ...refresh, drift: { a: { value: "y" } } },
    up(),
  ),
  scenario(
    "additionalSecretOutputs of a replacement",
    up(thing("a", { size: 1, value: 1 }, { additionalSecretOutputs: ["value", "nothing"] })),
    up(thing("a", { size: 2, value: 1 }, { additionalSecretOutputs: ["value", "made"] })),
    destroy,
  ),
];
