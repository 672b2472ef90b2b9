import stringWidth from "string-width";
import { cut, treeLines } from "../../../cli/display/tree";
import { plainColors, Recording, stackStep, step } from "./recorded";

const stack = stackStep("create");
const cluster = step("create", "vmcluster:index:SwarmCluster", "myvm", stack, { custom: false });
const vm1 = step("create", "command:local:Command", "myvm-vm1-vm", cluster);
const vm2 = step("create", "command:local:Command", "myvm-vm2-vm", cluster);
const web = step("create", "docker:index/service:Service", "web-service", stack);

const draw = (run: Recording, width: number, height?: number): string[] =>
  treeLines(run.state, { width, height, now: run.now, colors: plainColors });

it("shows resources below their parents with state, time and what they are doing", () => {
  const run = new Recording().begins(stack, cluster, vm1, vm2, web);
  run.after(23).status(vm1, "waiting for Docker (9 s)").ends(21, vm2);
  expect(draw(run, 120, 30)).toEqual([
    "     Type                             Name         Status",
    " +   pulumi:pulumi:Stack              lab-dev      creating (23s)",
    " +   ├─ vmcluster:index:SwarmCluster  myvm         creating (23s)",
    " +   │  ├─ command:local:Command      myvm-vm1-vm  creating (23s) waiting for Docker (9 s)",
    " +   │  └─ command:local:Command      myvm-vm2-vm  created (21s)",
    " +   └─ docker:index:Service          web-service  creating (23s)",
    "     23s, 2 running, 1 done",
  ]);
});

it("says in a preview what would be done and which properties differ", () => {
  const same = stackStep("same");
  const update = step("update", "docker:index/service:Service", "web-service", same, {
    diff: ["mode.replicated.replicas", "mode.replicated", "labels[0]"],
  });
  const untouched = step("same", "docker:index/network:Network", "webnet", same);
  const run = new Recording(true).begins(same, update, untouched).ends(0, same, update, untouched);
  expect(draw(run, 100)).toEqual([
    "     Type                     Name         Plan",
    "     pulumi:pulumi:Stack      lab-dev",
    " ~   └─ docker:index:Service  web-service  update [diff: ~labels,mode]",
  ]);
});

it.each([40, 60, 80, 132])("never draws wider than a terminal of %d columns", (width) => {
  const run = new Recording().begins(stack, cluster, vm1, vm2, web);
  run.status(
    vm1,
    "ビルド中 building the node image from Debian packages: configuring systemd, this takes a while 🐳",
  );
  for (const line of draw(run, width, 24)) expect(stringWidth(line)).toBeLessThanOrEqual(width);
});

it("drops package names of types before it cuts anything on a narrow terminal", () => {
  const run = new Recording().begins(stack, cluster, vm1);
  const text = draw(run, 62, 24).join("\n");
  expect(text).toContain("SwarmCluster");
  expect(text).not.toContain("vmcluster:index");
  expect(text).toContain("myvm-vm1-vm");
});

describe("with more resources than lines", () => {
  const many = Array.from({ length: 40 }, (_, index) =>
    step("create", "command:local:Command", `job${index}`, stack),
  );

  it("keeps what is running and its parents, and says how many are not shown", () => {
    const run = new Recording().begins(stack, ...many).ends(1, ...many.slice(0, 37));
    const lines = draw(run, 80, 8);
    expect(lines).toHaveLength(7);
    for (const job of ["lab-dev", "job37", "job38", "job39"]) expect(lines.join("\n")).toContain(job);
    expect(lines.at(-1)).toBe("     0s, 3 running, 37 done, 36 not shown");
  });

  it("never draws as many lines as the terminal has", () => {
    const run = new Recording().begins(stack, ...many);
    for (const height of [4, 5, 10, 24]) expect(draw(run, 80, height).length).toBeLessThan(height);
  });

  it("keeps failed ones in sight", () => {
    const run = new Recording().begins(stack, ...many).fails(2, many[0] as (typeof many)[0], "no disk space");
    expect(draw(run, 80, 6).join("\n")).toContain("job0 ");
    expect(draw(run, 80, 6).join("\n")).toContain("creating failed");
  });

  it("shows all of them in the end", () => {
    const run = new Recording().begins(stack, ...many).ends(1, ...many, stack);
    expect(draw(run, 80)).toHaveLength(42);
  });
});

it("hangs resources whose parent has not been seen from the stack", () => {
  const orphan = step("delete", "command:local:Command", "myvm-vm1-vm", cluster.urn);
  const run = new Recording().begins(stackStep("delete"), orphan);
  expect(draw(run, 100)[2]).toMatch(/^ - {3}└─ command:local:Command {2}myvm-vm1-vm {2}deleting/);
});

it("tells a replacement as one, with the time of all its steps", () => {
  const run = new Recording().begins(stackStep("same"));
  const make = step("create-replacement", "command:local:Command", "vm", stackStep("same"));
  const drop = step("delete-replaced", "command:local:Command", "vm", stackStep("same"));
  run.begins(make);
  expect(draw(run, 100).join("\n")).toMatch(/\+\+ .*creating replacement/);
  run.ends(30, make).begins(drop).ends(4, drop);
  expect(draw(run, 100).join("\n")).toMatch(/\+- .*replaced \(34s\)/);
});

it("cuts at columns, not at characters", () => {
  expect(cut("ビルド中です", 6)).toBe("ビル…");
  expect(cut("short", 5)).toBe("short");
});

it("does not let a step look busy when the run has ended without it", () => {
  const run = new Recording().begins(stack, cluster, vm1).play({
    kind: "summary",
    preview: false,
    changes: {},
    durationMs: 1,
    result: "canceled",
    outputs: {},
    previousOutputs: undefined,
  });
  expect(draw(run, 100).slice(2)).toEqual([
    " +   └─ vmcluster:index:SwarmCluster  myvm",
    " +      └─ command:local:Command      myvm-vm1-vm  creating not finished",
  ]);
});

it("takes a component for busy as long as something in it is", () => {
  const run = new Recording().begins(stack, cluster).ends(0, cluster).begins(vm1).after(9);
  expect(draw(run, 100)[2]).toMatch(/myvm +creating \(9s\)$/);
  run.ends(9, vm1);
  expect(draw(run, 100)[2]).toMatch(/myvm +created$/);
});
