import {
  destroy,
  group,
  preview,
  provider,
  ref,
  refresh,
  run,
  type Scenario,
  scenario,
  thing,
  up,
} from "../scenario";

const refreshing = "name: sample\nruntime: nodejs\nmain: index.js\noptions:\n  refresh: always\n";

export const refreshes: readonly Scenario[] = [
  {
    name: "refresh with drift, and update after it",
    runs: [
      { do: "up", things: [thing("a", { value: 1 }), thing("b", { value: ref("a") }), thing("c", {})] },
      { do: "refresh" },
      { do: "refresh", drift: { a: { value: 7 }, c: null } },
      { do: "up" },
    ],
  },

  scenario(
    "something gone that others need",
    up(thing("a", { value: 1 }), thing("b", { value: ref("a") }), thing("c", { value: ref("b") })),
    { ...refresh, drift: { a: null } },
    up(),
  ),
  scenario(
    "everything gone",
    up(thing("a", { value: 1 }), group("g"), thing("b", { value: ref("a") }, { parent: "g" })),
    { ...refresh, drift: { a: null, b: null } },
    up(),
    destroy,
  ),
  scenario(
    "drift of what is ignored",
    up(thing("a", { value: 1 }, { ignoreChanges: ["value"] })),
    { ...refresh, drift: { a: { value: 2 } } },
    up(),
  ),
  scenario(
    "drift that replaces",
    up(thing("a", { size: 1 }), thing("b", { size: ref("a", "ownId") })),
    { ...refresh, drift: { a: { size: 7 } } },
    up(),
  ),
  scenario(
    "drift of an added and of a missing property",
    up(thing("a", { value: 1, text: "x" })),
    { ...refresh, drift: { a: { value: 1, list: [1] } } },
    up(),
  ),
  scenario(
    "a read that fails",
    up(thing("a", { value: 1 }), thing("b", { value: 1 })),
    { ...refresh, drift: { a: { value: 1, fail: "read" }, b: { value: 2 } } },
    up(),
  ),
  scenario(
    "before the update",
    up(thing("a", { value: 1 }), thing("b", { value: 1 })),
    { ...up(), refreshed: true, drift: { a: { value: 2 }, b: null } },
    { ...up(), refreshed: true },
  ),
  scenario(
    "what is only read",
    run('const a = new Thing("a", { value: 1 }); exports.got = Thing.get("r", a.ownId).made;'),
    { ...refresh, drift: { a: { value: 9 } } },
    up(),
  ),
  scenario(
    "before a destroy",
    up(thing("a", { value: 1 }), thing("b", { value: ref("a") })),
    { ...refresh, drift: { a: null } },
    destroy,
  ),
  scenario(
    "of an explicit provider's things",
    up(provider("cloud", { account: "one" }), thing("a", { value: 1 }, { provider: "cloud" })),
    { ...refresh, drift: { a: { value: 2 } } },
    destroy,
  ),
  scenario(
    "in the same operation as a destroy",
    up(thing("a", { value: 1 }), thing("b", { value: ref("a") })),
    {
      ...destroy,
      refreshed: true,
      drift: { a: null },
    },
  ),
  scenario(
    "that the project always wants",
    up(thing("a", { value: 1 }), thing("b", { value: 1 })),
    { ...preview(), files: { "Pulumi.yaml": refreshing }, drift: { a: { value: 2 }, b: null } },
    up(),
    { ...destroy, drift: { a: null } },
  ),
];
