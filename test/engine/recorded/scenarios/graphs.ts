/** Shapes of graphs, and how they change. */
import {
  destroy,
  first,
  group,
  ordered,
  preview,
  ref,
  run,
  type Scenario,
  scenario,
  thing,
  up,
} from "../scenario";

const diamond = (top: Record<string, unknown>, key = "value", bottom = {}): ReturnType<typeof thing>[] => [
  thing("top", top),
  thing("left", { [key]: ref("top") }),
  thing("right", { [key]: ref("top", "ownId") }),
  thing("bottom", { [key]: ref("left"), list: [ref("right")], ...bottom }),
];

const nested = `
  let parent;
  for (let level = 0; level < 50; level++) parent = new Group("level" + level, { parent });
  exports.made = new Thing("leaf", { value: VALUE }, { parent }).made;
`;

const family = `
  const parent = new Group("parent");
  for (let child = 0; child < 30; child++)
    new Thing("child" + child, { value: child === 7 ? VALUE : 1 }, { parent });
`;

export const graphs: readonly Scenario[] = [
  scenario(
    "a diamond: update, replace, destroy",
    up(...diamond({ value: 1 })),
    up(...diamond({ value: 2 })),
    up(...diamond({ value: 2, size: 1 })),
    destroy,
  ),
  scenario(
    "a diamond that is replaced as a whole, new ones first",
    up(...diamond({ size: 1 }, "size")),
    up(...diamond({ size: 2 }, "size")),
    destroy,
  ),
  scenario(
    "a diamond that is replaced as a whole, old ones first",
    up(...diamond({ place: 1 }, "place")),
    preview(...diamond({ place: 2 }, "place")),
    up(),
  ),
  scenario(
    "a diamond of which the bottom changes on its own too",
    up(...diamond({ place: 1 }, "value")),
    up(...diamond({ place: 2 }, "value", { size: 3 })),
  ),
  scenario(
    "fifty parents deep",
    run(nested.replace("VALUE", "1")),
    run(nested.replace("VALUE", "1")),
    run(nested.replace("VALUE", "2")),
    destroy,
  ),
  scenario(
    "a component with thirty children",
    run(family.replace("VALUE", "1")),
    run(family.replace("VALUE", "2")),
    destroy,
  ),
  scenario("no resources at all", run(""), run(""), destroy),
  scenario(
    "everything leaves the program",
    up(thing("a"), group("g"), thing("b", {}, { parent: "g" })),
    run(""),
    up(thing("a")),
  ),
  ordered(
    "one is put in the middle of a chain, and taken out",
    up(thing("a", { value: 1 }), thing("c", { value: ref("a") })),
    up(thing("a", { value: 1 }), thing("b", { value: ref("a") }), thing("c", { value: ref("b") })),
    up(thing("a", { value: 1 }), thing("c", { value: ref("a") })),
  ),
  ordered(
    "a dependency turns round",
    up(thing("a", { value: 1 }), thing("b", { value: ref("a") })),
    up(thing("b", { value: 1 }), thing("a", { value: ref("b") })),
    destroy,
  ),
  scenario(
    "dependencies come and go, values stay",
    up(thing("a"), thing("b"), thing("c")),
    up(thing("a"), thing("b"), thing("c", {}, { dependsOn: ["a", "b"] })),
    up(thing("a"), thing("b"), thing("c", {}, { dependsOn: ["b"] })),
  ),
  scenario(
    "a dependency on a component is one on its children",
    up(group("g"), thing("in", { value: 1 }, { parent: "g" }), thing("user", {}, { dependsOn: ["g"] })),
    up(group("g"), thing("in", { place: 1 }, { parent: "g" }), thing("user", {}, { dependsOn: ["g"] })),
    destroy,
  ),
  scenario(
    "another parent without an alias",
    up(group("g"), thing("a", { value: 1 })),
    up(group("g"), thing("a", { value: 1 }, { parent: "g" })),
    up(thing("a", { value: 1 })),
  ),
  scenario(
    "the same name in another type, and the other way round",
    up({ ...thing("a", { value: 1 }), kind: "other" }),
    up(thing("a", { value: 1 })),
    up(thing("a", { value: 1 }), { ...thing("a2", { value: 1 }), kind: "other" }),
  ),
  scenario(
    "a child of a resource that is replaced",
    up(thing("a", { size: 1 }), thing("b", { value: 1 }, { parent: "a" })),
    up(thing("a", { size: 2 }), thing("b", { value: 1 }, { parent: "a" })),
    up(thing("a", { size: 3 }, first), thing("b", { value: 1 }, { parent: "a" })),
    destroy,
  ),
  scenario(
    "destroyed, and made again",
    up(thing("a", { value: 1 }), thing("b", { value: ref("a") })),
    destroy,
    up(),
    destroy,
    destroy,
  ),
  scenario(
    "names with all kinds of characters",
    up(thing("a b/c", { value: 1 }), thing("d::e", { value: 1 }), thing("ünï-$", { value: 1 })),
    up(thing("a b/c", { value: 2 }), thing("d::e", { value: 1 })),
    destroy,
  ),
];
