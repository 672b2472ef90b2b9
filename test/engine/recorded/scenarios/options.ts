/** Options that children take from their parents, and options that change alone. */
import { destroy, group, ref, refresh, type Scenario, scenario, thing, up } from "../scenario";

export const options: readonly Scenario[] = [
  scenario(
    "protect comes from the parent",
    up(
      group("g", { protect: true }),
      thing("a", {}, { parent: "g" }),
      thing("b", {}, { parent: "g", protect: false }),
    ),
    destroy,
    up(group("g"), thing("a", {}, { parent: "g" })),
  ),
  scenario(
    "protect is put on and taken off",
    up(thing("a", { value: 1 })),
    up(thing("a", { value: 1 }, { protect: true })),
    up(thing("a", { value: 2 }, { protect: true })),
    up(thing("a", { value: 2 })),
    destroy,
  ),
  scenario(
    "protect off and out of the program at once",
    up(thing("a", {}, { protect: true }), thing("b")),
    up(thing("b")),
    up(thing("a"), thing("b")),
    up(thing("b")),
  ),
  scenario(
    "protect off and replaced at once",
    up(thing("a", { size: 1 }, { protect: true })),
    up(thing("a", { size: 2 }, { protect: false })),
  ),
  scenario(
    "a destroy stops at what is protected, and at what it needs",
    up(
      thing("a", { value: 1 }),
      thing("b", { value: ref("a") }, { protect: true }),
      thing("c", { value: ref("b") }),
      thing("d"),
    ),
    destroy,
  ),
  scenario(
    "retainOnDelete comes from the parent",
    up(group("g", { retainOnDelete: true }), thing("a", {}, { parent: "g" }), thing("b")),
    destroy,
  ),
  scenario(
    "retainOnDelete is put on before the delete",
    up(thing("a")),
    up(thing("a", {}, { retainOnDelete: true })),
    destroy,
  ),
  scenario(
    "retainOnDelete of a replacement, old one first",
    up(thing("a", { place: 1 }, { retainOnDelete: true })),
    up(thing("a", { place: 2 }, { retainOnDelete: true })),
  ),
  scenario(
    "deletedWith comes from the parent",
    up(thing("host"), group("g", { deletedWith: "host" }), thing("a", {}, { parent: "g" })),
    destroy,
  ),
  scenario(
    "deletedWith: both leave the program",
    up(thing("host"), thing("guest", {}, { deletedWith: "host" }), thing("other")),
    up(thing("other")),
  ),
  scenario(
    "deletedWith: the guest alone leaves the program",
    up(thing("host"), thing("guest", {}, { deletedWith: "host" })),
    up(thing("host")),
  ),
  scenario(
    "customTimeouts change alone",
    up(thing("a", { value: 1 })),
    up(thing("a", { value: 1 }, { customTimeouts: { create: "1h2m3s", update: "90s", read: "1m" } })),
    up(thing("a", { value: 1 })),
  ),
  scenario(
    "additionalSecretOutputs change alone",
    up(thing("a", { value: 1 })),
    up(thing("a", { value: 1 }, { additionalSecretOutputs: ["made"] })),
    up(thing("a", { value: 1 })),
  ),
  scenario(
    "ignoreChanges: of a list, all, added and removed",
    up(thing("a", { list: [1, 2, 3], map: { x: 1 } })),
    up(thing("a", { list: [1, 5, 3], map: { x: 1 } }, { ignoreChanges: ["list[1]"] })),
    up(thing("a", { list: [1, 5], map: { x: 1 } }, { ignoreChanges: ["list[*]"] })),
    up(thing("a", { list: [9], map: { y: 2 } }, { ignoreChanges: ["*"] })),
    up(thing("a", { value: 1 }, { ignoreChanges: ["list", "map.x"] })),
  ),
  scenario(
    "ignoreChanges: what is new is ignored too",
    up(thing("a", {})),
    up(thing("a", { value: 1, size: 2 }, { ignoreChanges: ["value", "size"] })),
    up(thing("a", { value: 1 })),
  ),
  scenario(
    "ignoreChanges: keys with dots, in quotes",
    up(thing("a", { map: { "a.b": 1, c: 1 } })),
    up(thing("a", { map: { "a.b": 2, c: 1 } }, { ignoreChanges: ['map["a.b"]'] })),
  ),
  scenario(
    "ignoreChanges of a secret",
    up(thing("a", { value: { $secret: "one" }, map: { k: { $secret: 1 } } })),
    up(
      thing(
        "a",
        { value: { $secret: "two" }, map: { k: { $secret: 2 } } },
        { ignoreChanges: ["value", "map.k"] },
      ),
    ),
  ),
  scenario(
    "hideDiffs changes alone",
    up(thing("a", { value: 1 })),
    up(thing("a", { value: 1 }, { hideDiffs: ["value"] })),
    up(thing("a", { value: 2 }, { hideDiffs: ["value"] })),
  ),
  scenario(
    "options of a component",
    up(group("g", { protect: true, aliases: [{ name: "old" }], dependsOn: [] })),
    refresh,
    up(group("g")),
    destroy,
  ),
];
