import {
  destroy,
  group,
  preview,
  provider,
  ref,
  refresh,
  type Scenario,
  scenario,
  thing,
  up,
} from "../scenario";

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

  scenario(
    "targets with what depends on them",
    up(
      thing("a", { value: 1 }),
      thing("b", { value: ref("a") }),
      thing("c", { value: ref("b") }),
      thing("d", { value: 1 }),
    ),
    {
      ...up(
        thing("a", { value: 2 }),
        thing("b", { value: ref("a") }),
        thing("c", { value: ref("b") }),
        thing("d", { value: 2 }),
      ),
      targets: ["a"],
      targetDependents: true,
    },
  ),
  scenario(
    "a target whose dependent is not one",
    up(thing("a", { value: 1 }), thing("b", { value: ref("a") })),
    { ...up(thing("a", { value: 2 }), thing("b", { value: ref("a") })), targets: ["a"] },
    up(),
  ),
  scenario(
    "a target that needs something changed",
    up(thing("a", { value: 1 }), thing("b", { value: ref("a") })),
    { ...up(thing("a", { value: 2 }), thing("b", { value: ref("a"), size: 1 })), targets: ["b"] },
  ),
  scenario(
    "a target that needs something not made yet",
    { ...up(thing("a", { value: 1 }), thing("b", { value: ref("a") })), targets: ["b"] },
    { ...up(), targets: ["a"] },
    up(),
  ),
  scenario(
    "a new target among others that are not made",
    { ...up(thing("a", { value: 1 }), thing("b", { value: 1 }), thing("c", { value: 1 })), targets: ["b"] },
    { ...preview(), targets: ["c"] },
    up(),
  ),
  scenario(
    "targets by pattern",
    up(thing("one", { value: 1 }), thing("two", { value: 1 }), thing("other", { value: 1 })),
    {
      ...up(thing("one", { value: 2 }), thing("two", { value: 2 }), thing("other", { value: 2 })),
      targets: ["**Thing::o*"],
    },
    {
      ...up(thing("one", { value: 3 }), thing("two", { value: 3 }), thing("other", { value: 3 })),
      targets: ["urn:pulumi:dev::sample::*Thing::two"],
    },
  ),
  scenario(
    "a target that is replaced",
    up(thing("a", { size: 1 }), thing("b", { size: ref("a", "ownId") })),
    { ...up(thing("a", { size: 2 }), thing("b", { size: ref("a", "ownId") })), targets: ["a"] },
    up(),
  ),
  scenario(
    "a target that is replaced, old one first",
    up(thing("a", { place: 1 }), thing("b", { size: ref("a", "ownId") })),
    { ...up(thing("a", { place: 2 }), thing("b", { size: ref("a", "ownId") })), targets: ["a"] },
  ),
  scenario("a target that leaves the program", up(thing("a"), thing("b"), thing("c")), {
    ...up(thing("c")),
    targets: ["a"],
  }),
  scenario(
    "a target that leaves the program while something needs it",
    up(thing("a", { value: 1 }), thing("b", { value: ref("a") })),
    { ...up(thing("b", { value: "made-1" })), targets: ["a"] },
  ),
  scenario(
    "targets of a destroy, without what depends on them",
    up(thing("a", { value: 1 }), thing("b", { value: ref("a") }), thing("c")),
    { ...destroy, targets: ["a"] },
  ),
  scenario(
    "targets of a destroy, with what depends on them",
    up(thing("a", { value: 1 }), thing("b", { value: ref("a") }), thing("c")),
    { ...destroy, targets: ["a"], targetDependents: true },
    destroy,
  ),
  scenario(
    "targets of a destroy that have children",
    up(group("g"), thing("a", {}, { parent: "g" }), thing("b")),
    { ...destroy, targets: ["urn:pulumi:dev::sample::testing:index:Group::g"] },
    { ...destroy, targets: ["urn:pulumi:dev::sample::testing:index:Group::g"], targetDependents: true },
  ),
  scenario(
    "a component as a target",
    up(group("g"), thing("a", { value: 1 }, { parent: "g" })),
    {
      ...up(group("g"), thing("a", { value: 2 }, { parent: "g" })),
      targets: ["urn:pulumi:dev::sample::testing:index:Group::g"],
    },
    {
      ...up(group("g"), thing("a", { value: 3 }, { parent: "g" })),
      targets: ["urn:pulumi:dev::sample::testing:index:Group::g"],
      targetDependents: true,
    },
  ),
  scenario(
    "a target that there is not",
    up(thing("a", { value: 1 })),
    { ...up(thing("a", { value: 2 })), targets: ["nobody"] },
    { ...destroy, targets: ["nobody"] },
  ),
  scenario(
    "a target whose provider changes",
    up(
      provider("cloud", { account: "one" }),
      thing("a", { value: 1 }, { provider: "cloud" }),
      thing("b", { value: 1 }, { provider: "cloud" }),
    ),
    {
      ...up(
        provider("cloud", { account: "one", color: "red" }),
        thing("a", { value: 2 }, { provider: "cloud" }),
        thing("b", { value: 2 }, { provider: "cloud" }),
      ),
      targets: ["a"],
    },
  ),
  scenario(
    "replaced on demand",
    up(thing("a", { value: 1 }), thing("b", { value: ref("a") }), thing("c", { size: ref("a", "ownId") })),
    { ...preview(), replace: ["a"] },
    { ...up(), replace: ["a"] },
    { ...up(), replace: ["nobody"] },
  ),
  scenario(
    "replaced on demand, old one first",
    up(thing("a", { value: 1 }, { deleteBeforeReplace: true }), thing("c", { size: ref("a", "ownId") })),
    { ...up(), replace: ["a"] },
  ),
  scenario("replaced on demand and nothing else", up(thing("a", { value: 1 }), thing("b", { value: 1 })), {
    ...up(thing("a", { value: 1 }), thing("b", { value: 2 })),
    replace: ["a"],
    targets: ["a"],
  }),
  scenario(
    "a refresh of targets with what depends on them",
    up(thing("a", { value: 1 }), thing("b", { value: ref("a") }), thing("c")),
    {
      ...refresh,
      drift: { a: { value: 5 }, b: { value: 5 }, c: { value: 5 } },
      targets: ["a"],
      targetDependents: true,
    },
  ),
  scenario(
    "an update that leaves one alone",
    up(thing("a", { value: 1 }), thing("b", { value: ref("a") }), thing("c", { value: 1 })),
    {
      ...up(thing("a", { value: 2 }), thing("b", { value: ref("a"), more: 1 }), thing("c", { value: 2 })),
      excludes: ["a"],
    },
  ),
  scenario(
    "an update that leaves one alone and what depends on it",
    up(thing("a", { value: 1 }), thing("b", { value: ref("a") }), thing("c", { value: 1 })),
    {
      ...up(thing("a", { value: 2 }), thing("b", { value: ref("a"), more: 1 }), thing("c", { value: 2 })),
      excludes: ["a"],
      excludeDependents: true,
    },
  ),
  scenario(
    "something new that is left alone",
    up(thing("a", { value: 1 })),
    { ...up(thing("a", { value: 2 }), thing("b", { value: 1 })), excludes: ["b"] },
    { ...up(thing("a", { value: 3 })), excludes: ["a"] },
  ),
  scenario(
    "a destroy that leaves one alone keeps what that needs",
    up(
      thing("a", { value: 1 }),
      thing("b", { value: ref("a") }),
      thing("c", { value: ref("b") }),
      thing("d"),
    ),
    { ...destroy, excludes: ["b"] },
    { ...destroy },
  ),
  scenario(
    "a refresh that leaves one alone",
    up(thing("a", { value: 1 }), thing("b", { value: ref("a") }), thing("c")),
    { ...refresh, drift: { a: { value: 5 }, b: { value: 5 }, c: { value: 5 } }, excludes: ["a"] },
  ),
];
