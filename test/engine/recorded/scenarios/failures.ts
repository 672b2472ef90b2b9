import { destroy, group, provider, ref, run, type Scenario, scenario, thing, up } from "../scenario";

// Not here, as Pulumi 3.248 hangs for ever in them: deletes that fail while something is replaced, old one first.
export const failures: readonly Scenario[] = [
  {
    name: "a step that fails",
    runs: [
      {
        do: "up",
        things: [
          thing("a", { value: 1 }),
          thing("b", { fail: "create", value: ref("a") }),
          thing("c", { value: ref("b") }),
        ],
      },
      {
        do: "up",
        things: [thing("a", { value: 1 }), thing("b", { value: ref("a") }), thing("c", { value: ref("b") })],
      },
      {
        do: "up",
        things: [
          thing("a", { value: 2, fail: "update" }),
          thing("b", { value: ref("a") }),
          thing("c", { value: ref("b") }),
        ],
      },
      {
        do: "up",
        things: [thing("a", { value: 2 }), thing("b", { value: ref("a") }), thing("c", { value: ref("b") })],
      },
    ],
  },
  {
    name: "a delete that fails",
    ordered: true,
    runs: [
      { do: "up", things: [thing("a", { value: 1 }), thing("b", { value: ref("a"), fail: "delete" })] },
      { do: "destroy" },
      { do: "up", things: [thing("a", { value: 1 }), thing("b", { value: ref("a") })] },
      { do: "destroy" },
    ],
  },
  {
    name: "a replacement of which the create fails",
    ordered: true,
    runs: [
      { do: "up", things: [thing("a", { place: 1 }), thing("b", { size: ref("a", "ownId") })] },
      {
        do: "up",
        things: [thing("a", { place: 2, fail: "create" }), thing("b", { size: ref("a", "ownId") })],
      },
      {
        do: "up",
        things: [thing("a", { place: 2 }), thing("b", { size: ref("a", "ownId") })],
        // The CLI deletes b again, which the failed run has deleted.
        except: ["calls"],
      },
      {
        do: "up",
        things: [thing("a", { size: 3, place: 2, fail: "create" }), thing("b", { size: ref("a", "ownId") })],
      },
      { do: "up", things: [thing("a", { size: 3, place: 2 }), thing("b", { size: ref("a", "ownId") })] },
    ],
  },
  {
    name: "a replacement of which the delete fails",
    ordered: true,
    runs: [
      { do: "up", things: [thing("a", { size: 1, fail: "delete" })] },
      { do: "up", things: [thing("a", { size: 2 })] },
      { do: "up" },
    ],
  },
  {
    name: "made, but not ready",
    runs: [
      { do: "up", things: [thing("a", { value: 1, fail: "init" })] },
      { do: "up", things: [thing("a", { value: 1 })] },
      { do: "up" },
    ],
  },
  {
    name: "a check that fails",
    runs: [
      { do: "preview", things: [thing("a", { value: 1, fail: "check" }), thing("b", {})] },
      { do: "up", things: [thing("a", { value: 1, fail: "check" })] },
    ],
  },
  {
    name: "a program that throws",
    runs: [
      { do: "up", things: [thing("a", { value: 1 }), thing("b", {})] },
      { do: "up", things: [thing("a", { value: 1 }), thing("throw")] },
    ],
  },

  scenario(
    "one side of a diamond fails",
    up(
      thing("a", { value: 1 }),
      thing("b", { value: ref("a"), fail: "create" }),
      thing("c", { value: ref("a") }),
      thing("d", { value: ref("b"), list: [ref("c")] }),
    ),
    up(
      thing("a", { value: 1 }),
      thing("b", { value: ref("a") }),
      thing("c", { value: ref("a") }),
      thing("d", { value: ref("b"), list: [ref("c")] }),
    ),
  ),
  scenario(
    "a child fails",
    up(
      group("g"),
      thing("a", { fail: "create" }, { parent: "g" }),
      thing("b", {}, { parent: "g" }),
      thing("user", {}, { dependsOn: ["g"] }),
    ),
    up(
      group("g"),
      thing("a", {}, { parent: "g" }),
      thing("b", {}, { parent: "g" }),
      thing("user", {}, { dependsOn: ["g"] }),
    ),
  ),
  scenario(
    "a failure while others leave the program",
    up(thing("a", { value: 1 }), thing("b", { value: 1 })),
    up(thing("a", { value: 2, fail: "update" })),
  ),
  scenario(
    "a failure while what it needed leaves the program",
    up(thing("old", { value: 1 }), thing("a", { value: ref("old") })),
    up(thing("a", { value: 2, fail: "update" })),
    up(thing("a", { value: 2 })),
  ),
  scenario(
    "some deletes fail",
    up(thing("a"), thing("b", { fail: "delete" }), thing("c")),
    run(""),
    up(thing("b")),
    destroy,
  ),
  scenario(
    "a destroy fails in the middle of a chain",
    up(
      thing("a", { value: 1 }),
      thing("b", { value: ref("a"), fail: "delete" }),
      thing("c", { value: ref("b") }),
    ),
    destroy,
    up(thing("a", { value: 1 }), thing("b", { value: ref("a") }), thing("c", { value: ref("b") })),
    destroy,
  ),
  scenario(
    "an update that is not ready",
    up(thing("a", { value: 1 }), thing("b", { value: 1 })),
    up(thing("a", { size: 2, fail: "init" }), thing("b", { value: 1 })),
    up(thing("a", { size: 2 }), thing("b", { value: 1 })),
  ),
  scenario(
    "not ready, and then out of the program",
    up(thing("a", { value: 1, fail: "init" })),
    run(""),
    destroy,
  ),
  scenario(
    "not ready, and then replaced",
    up(thing("a", { size: 1, fail: "init" })),
    up(thing("a", { size: 2 })),
  ),
  scenario(
    "two of the same name",
    up(
      thing("a", { value: 1 }),
      thing("b", { value: ref("a") }),
      thing("a", { value: 2 }, { dependsOn: ["b"] }),
    ),
    up(thing("a", { value: 1 })),
  ),
  scenario(
    "a provider that refuses its configuration",
    up(provider("cloud", { failCheck: "yes" }), thing("a", {}, { provider: "cloud" })),
  ),
  scenario("reading what does not exist", run('new Thing("a", {}); Thing.get("r", "gone-1-1");')),
  scenario("a function that fails", run('new Thing("a", {}); ask({ question: "x", fail: true });')),
  scenario(
    "a rejected promise",
    run('new Thing("a", { value: 1 }); Promise.reject(new Error("lost"));'),
    run('new Thing("a", { value: 1 }); exports.x = Promise.reject(new Error("lost"));'),
  ),
  scenario(
    "an error in an apply",
    run(
      'const a = new Thing("a", { value: 1 }); a.made.apply(() => { throw new Error("lost"); }); new Thing("b", {});',
    ),
  ),
  scenario("a RunError", run('new Thing("a", {}); throw new pulumi.RunError("not like this");')),
  scenario(
    "a failing create of a replacement, new one first, and back",
    up(thing("a", { size: 1 }), thing("b", { value: ref("a", "ownId") })),
    up(thing("a", { size: 2, fail: "create" }), thing("b", { value: ref("a", "ownId") })),
    up(thing("a", { size: 1 }), thing("b", { value: ref("a", "ownId") })),
  ),
  scenario(
    "a failing create of a replacement, old one first, and out of the program",
    up(thing("a", { place: 1 })),
    up(thing("a", { place: 2, fail: "create" })),
    run(""),
  ),
  scenario(
    "a failing create of a replacement, old one first, and destroyed",
    up(thing("a", { place: 1 })),
    up(thing("a", { place: 2, fail: "create" })),
    destroy,
  ),
  scenario(
    "a failing delete of a replacement, and destroyed",
    up(thing("a", { size: 1, fail: "delete" })),
    up(thing("a", { size: 2 })),
    destroy,
  ),
];
