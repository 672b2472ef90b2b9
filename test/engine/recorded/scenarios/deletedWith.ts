import { first, type Inputs, ref, type Scenario, type ThingSpec, thing } from "../scenario";

/** Comparable to a machine, the swarm made on it, what marks that swarm, and two services on it. */
const swarm = (machine: Inputs, init: Inputs = {}): ThingSpec[] => [
  thing("vm", machine, first),
  thing(
    "init",
    { size: ref("vm"), ...init },
    { ...first, replaceOnChanges: ["at"], deletedWith: "vm", dependsOn: ["vm"] },
  ),
  thing("mark", {}, { ...first, dependsOn: ["init"], replaceWith: ["vm", "init"], deletedWith: "vm" }),
  thing("one", {}, { ...first, dependsOn: ["mark"], replaceWith: ["vm", "init"], deletedWith: "mark" }),
  thing("two", {}, { ...first, dependsOn: ["one"], replaceWith: ["vm", "init"], deletedWith: "mark" }),
];

export const deletedWith: readonly Scenario[] = [
  {
    name: "deletedWith",
    newer: true,
    runs: [
      {
        do: "up",
        things: [
          thing("host", { size: 1 }),
          thing("guest", { size: 1 }, { deletedWith: "host" }),
          thing("other", { size: ref("host", "ownId") }, { deletedWith: "host" }),
        ],
      },
      {
        do: "up",
        things: [
          thing("host", { size: 2 }),
          thing("guest", { size: 1 }, { deletedWith: "host" }),
          thing("other", { size: ref("host", "ownId") }, { deletedWith: "host" }),
        ],
      },
      {
        do: "up",
        things: [thing("host", { size: 2 }), thing("guest", { size: 1 }, { deletedWith: "host" })],
      },
      { do: "destroy" },
    ],
  },
  {
    name: "deletedWith something that is deleted before it is replaced",
    newer: true,
    runs: [
      {
        do: "up",
        things: [
          thing("host", { place: 1 }),
          thing("guest", { size: 1 }, { deletedWith: "host" }),
          thing("tied", { size: ref("host", "ownId") }, { deletedWith: "host", dependsOn: ["guest"] }),
        ],
      },
      {
        do: "up",
        things: [
          thing("host", { place: 2 }),
          thing("guest", { size: 1 }, { deletedWith: "host" }),
          thing("tied", { size: ref("host", "ownId") }, { deletedWith: "host", dependsOn: ["guest"] }),
        ],
      },
      { do: "destroy" },
    ],
  },
  {
    name: "a machine, a swarm on it, and services",
    newer: true,
    runs: [
      { do: "up", things: swarm({ place: 1, value: 1 }) },
      { do: "up", things: swarm({ place: 2, value: 1 }) },
      { do: "up", things: swarm({ place: 2, value: 2 }) },
      { do: "up", things: swarm({ place: 2, value: 2 }, { at: 1 }) },
      { do: "destroy" },
    ],
  },
];
