import { group, preview, ref, type Scenario, scenario, thing, up } from "../scenario";

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

  scenario(
    "of a first run with all kinds of steps to come",
    preview(
      thing("a", { size: 1 }),
      thing("b", { size: ref("a", "ownId") }),
      group("g"),
      thing("c", {}, { parent: "g", dependsOn: ["b"] }),
    ),
  ),
  scenario(
    "of replaces, updates, deletes",
    up(
      thing("a", { size: 1 }),
      thing("b", { size: ref("a", "ownId") }),
      thing("c", { value: ref("b") }),
      thing("d"),
    ),
    preview(
      thing("a", { size: 2 }),
      thing("b", { size: ref("a", "ownId") }),
      thing("c", { value: ref("b") }),
    ),
  ),
  scenario(
    "of things made in an apply",
    {
      ...preview(),
      program:
        'const a = new Thing("a", { value: 1 }); a.made.apply((made) => new Thing("b", { value: made }));',
    },
    up(),
    {
      ...preview(),
      program:
        'const a = new Thing("a", { value: 2 }); a.made.apply((made) => new Thing("b", { value: made }));',
    },
    up(),
  ),
  scenario(
    "of functions of what is not known",
    {
      ...preview(),
      program:
        'const a = new Thing("a", { value: 1 }); exports.b = new Thing("b", { value: askOutput({ question: a.made }).apply((r) => r.answer) }).made;',
    },
    up(),
    up(),
  ),
  scenario(
    "with a failing check",
    up(thing("a", { value: 1 })),
    preview(thing("a", { value: 2, fail: "check" })),
  ),
  scenario(
    "of reads",
    {
      ...preview(),
      exists: { "r-1-1": { value: 3 } },
      program: 'const r = Thing.get("r", "r-1-1"); exports.made = r.made; new Thing("b", { value: r.made });',
    },
    up(),
  ),
];
