import * as fc from "fast-check";
import type { ApiNode, ApiService, ApiTask } from "../../../cli/swarm/api";
import { mayRun, meets } from "../../../cli/swarm/constraints";
import { isUneven, type Seat, seatsOf } from "../../../cli/swarm/spread";

const seat = (tasks: number, room = Number.POSITIVE_INFINITY, groups: string[] = []): Seat => ({
  node: `n${Math.random()}`,
  tasks,
  room,
  groups,
});

/** As the scheduler does it: each task to the emptiest node that has room. */
function placed(rooms: readonly number[], tasks: number): Seat[] {
  const counts = rooms.map(() => 0);
  for (let task = 0; task < tasks; task++) {
    const free = counts
      .map((count, index) => ({ count, index }))
      .filter(({ count, index }) => count < (rooms[index] as number));
    const [emptiest] = free.sort((a, b) => a.count - b.count);
    if (emptiest !== undefined) counts[emptiest.index] = emptiest.count + 1;
  }
  return counts.map((count, index) => seat(count, (rooms[index] as number) - count));
}

const rooms = fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 7 });

describe("isUneven", () => {
  it("is false of what the scheduler would place", () => {
    fc.assert(fc.property(rooms, fc.nat(40), (all, tasks) => !isUneven(placed(all, tasks))));
  });

  it("is true exactly if some task could move to where two fewer are", () => {
    const seats = fc.array(
      fc.record({ tasks: fc.nat(6), room: fc.nat(3) }).map(({ tasks, room }) => seat(tasks, room)),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(seats, (all) => {
        const movable = all.some((from) => all.some((to) => to.room > 0 && from.tasks - to.tasks > 1));
        return isUneven(all) === movable;
      }),
    );
  });

  it("does not depend on the order of the nodes", () => {
    const zones = fc.constantFrom("a", "b");
    const seats = fc.array(
      fc.tuple(fc.nat(5), fc.nat(2), zones).map(([tasks, room, zone]) => seat(tasks, room, [zone])),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(fc.property(seats, (all) => isUneven(all) === isUneven([...all].reverse())));
  });

  it("puts groups before nodes", () => {
    const any = Number.POSITIVE_INFINITY;
    // One node in zone a, two in zone b: half of the tasks belong on the one.
    expect(isUneven([seat(4, any, ["a"]), seat(2, any, ["b"]), seat(2, any, ["b"])])).toBe(false);
    expect(isUneven([seat(2, any, ["a"]), seat(2, any, ["b"]), seat(2, any, ["b"])])).toBe(true);
    expect(isUneven([seat(4, any, ["a"]), seat(4, any, ["b"]), seat(0, any, ["b"])])).toBe(true);
  });
});

const node = (name: string, over: Partial<ApiNode["Spec"]> = {}, state = "ready"): ApiNode => ({
  ID: `id-${name}`,
  Spec: { Role: "worker", Availability: "active", Labels: { zone: "north" }, ...over },
  Description: {
    Hostname: name,
    Platform: { OS: "linux", Architecture: "x86_64" },
    Resources: { NanoCPUs: 2e9, MemoryBytes: 1000 },
    Engine: { EngineVersion: "28", Labels: { disk: "ssd" } },
  },
  Status: { State: state, Addr: "10.0.0.7" },
});

const task = (service: string, on: string, memory = 0): ApiTask => ({
  ID: `${service}-${Math.random()}`,
  ServiceID: service,
  Slot: 1,
  NodeID: `id-${on}`,
  CreatedAt: "",
  DesiredState: "running",
  Spec: { Resources: { Reservations: { MemoryBytes: memory } } },
  Status: { State: "running", Timestamp: "" },
});

const service = (template: ApiService["Spec"]["TaskTemplate"] = {}): ApiService => ({
  ID: "web",
  Version: { Index: 1 },
  Spec: { Name: "web", TaskTemplate: template },
});

it.each([
  ["node.role==worker", true],
  ["node.role == manager", false],
  ["node.role!=manager", true],
  ["node.hostname==A", true],
  ["node.labels.zone==NORTH", true],
  ["node.labels.other==x", false],
  ["node.labels.other!=x", true],
  ["engine.labels.disk==ssd", true],
  ["node.platform.arch==amd64", true],
  ["node.platform.arch==x86_64", true],
  ["node.platform.os==windows", false],
  ["node.ip==10.0.0.0/24", true],
  ["node.ip==10.0.1.0/24", false],
  ["node.ip!=10.0.0.7", false],
  ["node.unheard==of", false],
  ["nonsense", false],
])("meets %s: %s", (constraint, expected) => {
  expect(meets(node("a"), constraint)).toBe(expected);
});

it("leaves out nodes that are down, drained or of another platform", () => {
  expect(mayRun(node("a"))).toBe(true);
  expect(mayRun(node("a", {}, "down"))).toBe(false);
  expect(mayRun(node("a", { Availability: "drain" }))).toBe(false);
  expect(mayRun(node("a"), { Platforms: [{ OS: "linux", Architecture: "arm64" }] })).toBe(false);
  expect(mayRun(node("a"), { Platforms: [{ OS: "linux", Architecture: "amd64" }] })).toBe(true);
});

it("counts room by what is reserved and by the most replicas of a node", () => {
  const nodes = [node("a"), node("b")];
  const tasks = [task("web", "a", 300), task("other", "a", 300), task("web", "b", 300)];
  const reserved = { Resources: { Reservations: { MemoryBytes: 300 } } };
  expect(seatsOf(service(reserved), nodes, tasks)).toMatchObject([
    { node: "a", tasks: 1, room: 1 },
    { node: "b", tasks: 1, room: 2 },
  ]);
  const most = {
    Placement: { MaxReplicas: 1, Preferences: [{ Spread: { SpreadDescriptor: "node.labels.zone" } }] },
  };
  expect(seatsOf(service(most), nodes, tasks)).toMatchObject([
    { room: 0, groups: ["north"] },
    { room: 0, groups: ["north"] },
  ]);
});
