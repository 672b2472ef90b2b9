import { mustRestart } from "../../machine/change";
import { conditionOf, keeps, type Seen } from "../../machine/condition";
import { record, spec } from "./temporaryHome";

const running = (changes: Partial<Seen> = {}): Seen => ({
  record: record(),
  tombstone: undefined,
  state: "running",
  hardware: { instance: "1", cpus: 1, memory: 1024 },
  ...changes,
});
const wanted = spec({ ports: [4000] });

it("is ok for a machine that is right and for one that never was", () => {
  expect(conditionOf(wanted, running())).toBe("ok");
  expect(conditionOf(wanted, running({ record: undefined, state: "absent", hardware: undefined }))).toBe(
    "ok",
  );
});

it.each<[Seen, string]>([
  [running({ state: "stopped", hardware: undefined }), "stopped"],
  [running({ hardware: { instance: "1", cpus: 1, memory: 512 } }), "memory 512, wanted 1024"],
  [running({ hardware: { instance: "1", cpus: 2, memory: 1024 } }), "cpus 2, wanted 1"],
  [running({ record: record({ spec: spec() }) }), "ports none, wanted 4000"],
  [
    running({ hardware: { instance: "1", cpus: 1, memory: 1024, privateNetwork: "open" } }),
    "private network open to other users of this host (a restart closes it)",
  ],
  [
    running({ hardware: { instance: "1", cpus: 1, memory: 1024, privateNetwork: "down" } }),
    "private network down",
  ],
  [running({ state: "absent", hardware: undefined }), "disk gone"],
  [running({ record: record({ phase: "creating" }) }), "not finished"],
  [running({ record: undefined, tombstone: { cluster: "blue", condition: "ok" }, state: "absent" }), "gone"],
])("names the difference and the repair that is due (%#)", (seen, difference) => {
  expect(conditionOf(wanted, seen)).toBe(`repair 1: ${difference}`);
});

it("tells images that are missing and disks that are too small, never ones that are larger", () => {
  const image = "vmcluster.internal/web:1";
  expect(conditionOf({ ...wanted, images: [image] }, running())).toBe(`repair 1: without image ${image}`);
  expect(conditionOf({ ...wanted, disk: 20 }, running())).toBe("repair 1: disk 10, wanted 20");
  expect(conditionOf({ ...wanted, disk: 5 }, running())).toBe("ok");
});

it("restarts a machine for its private network only where that is open to others", () => {
  const on = (privateNetwork?: "open" | "down"): boolean =>
    mustRestart(
      wanted,
      record(),
      running({
        hardware: { instance: "1", cpus: 1, memory: 1024, ...(privateNetwork && { privateNetwork }) },
      }),
    );
  expect([on(), on("down"), on("open")]).toEqual([false, false, true]);
});

it("does not mind the order of ports", () => {
  const seen = running({ record: record({ spec: spec({ ports: [80, 443] }) }) });
  expect(conditionOf(spec({ ports: [443, 80] }), seen)).toBe("ok");
});

it("is followed by no change after a repair, and by another repair after the next break", () => {
  const stopped = { state: "stopped", hardware: undefined } as const;
  const due = conditionOf(wanted, running(stopped));
  const repaired = record({ condition: due });
  expect(conditionOf(wanted, running({ record: repaired }))).toBe(due);
  expect(conditionOf(wanted, running({ record: repaired, ...stopped }))).toBe("repair 2: stopped");
});

it("does not take the tombstone of another cluster for its own", () => {
  const tombstone = { cluster: "green", condition: "ok" };
  expect(conditionOf(wanted, running({ record: undefined, tombstone, state: "absent" }))).toBe("ok");
});

describe("the machine that is there will be the one after apply", () => {
  it.each([{}, { memory: 2048 }, { ports: [1] }, { disk: 20 }, { privateAddress: "192.168.56.11" }])(
    "with %j",
    (changes) => {
      expect(keeps(spec(changes), record(), { state: "stopped" })).toBe(true);
    },
  );

  it.each([
    { subnet: "10.0.0.0/24" },
    { privateAddress: "192.168.56.12" },
    { driver: "virtualbox" as const },
    { image: "debian-13" },
  ])("not with %j", (changes) => {
    expect(keeps(spec(changes), record(), { state: "running" })).toBe(false);
  });

  it("not if it was never finished or its disk is gone", () => {
    expect(keeps(wanted, record({ phase: "creating" }), { state: "running" })).toBe(false);
    expect(keeps(wanted, record(), { state: "absent" })).toBe(false);
  });
});
