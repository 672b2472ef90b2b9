import { reportLines } from "../../../cli/display/report";
import type { EngineEvent } from "../../../engine/events";
import { plainColors, Recording, stackStep, step } from "./recorded";

const summary = (more: Partial<Extract<EngineEvent, { kind: "summary" }>>): EngineEvent => ({
  kind: "summary",
  preview: false,
  changes: {},
  durationMs: 125_000,
  result: "succeeded",
  outputs: {},
  previousOutputs: undefined,
  ...more,
});

const report = (run: Recording, outputs = true): string[] =>
  reportLines(run.state, { colors: plainColors, outputs, current: !run.state.preview });

it("counts what was done and lists the outputs, and the addresses to open last", () => {
  const run = new Recording().play(
    summary({
      changes: { create: 12, same: 3 },
      outputs: {
        nodes: [{ name: "myvm1", role: "manager" }],
        token: "[secret]",
        urls: {
          web: ["http://127.0.56.11:4000/", "http://127.0.56.12:4000/"],
          visualizer: "http://127.0.56.11:8080/",
          redis: "[secret]",
          mail: "smtp://127.0.56.11:25",
        },
      },
    }),
  );
  expect(report(run)).toEqual([
    "Outputs:",
    "    nodes: [",
    "        [0]: {",
    '            name: "myvm1"',
    '            role: "manager"',
    "        }",
    "    ]",
    "    token: [secret]",
    "",
    "Resources:",
    "    + 12 created",
    "    3 unchanged",
    "",
    "Duration: 2m5s",
    "",
    "Open in a browser:",
    "    web         http://127.0.56.11:4000/",
    "                http://127.0.56.12:4000/",
    "    visualizer  http://127.0.56.11:8080/",
    "Connect to:",
    "    redis       [secret]: vmcluster stack output urls --show-secrets",
    "    mail        smtp://127.0.56.11:25",
  ]);
});

it("speaks of the future in a preview, and counts a replacement once", () => {
  const run = new Recording(true).play(
    summary({
      preview: true,
      changes: { create: 1, update: 2, replace: 1, "create-replacement": 1, "delete-replaced": 1, same: 4 },
    }),
  );
  expect(report(run)).toEqual([
    "Resources:",
    "    + 1 to create",
    "    ~ 2 to update",
    "    +-1 to replace",
    "    4 changes. 4 unchanged",
  ]);
});

it("groups diagnostics by resource and tells each error once", () => {
  const vm = step("create", "command:local:Command", "myvm-vm1-vm", stackStep("create"));
  const failure =
    "port 4000 of 127.0.56.11 is in use\n  another program listens there\n  set vmcluster:webPort";
  const run = new Recording()
    .begins(stackStep("create"), vm)
    .play({ kind: "diagnostic", severity: "error", urn: vm.urn, message: failure })
    .fails(3, vm, failure)
    .play({ kind: "diagnostic", severity: "warning", urn: undefined, message: "warning: the clock is off" })
    .play({ kind: "diagnostic", severity: "debug", urn: undefined, message: "not for people" })
    .play(summary({ changes: { create: 1 }, result: "failed" }));
  expect(report(run)).toEqual([
    "Diagnostics:",
    "  command:local:Command (myvm-vm1-vm):",
    "    error: port 4000 of 127.0.56.11 is in use",
    "      another program listens there",
    "      set vmcluster:webPort",
    "",
    "  pulumi:pulumi:Stack (lab-dev):",
    "    warning: the clock is off",
    "    error: update failed",
    "",
    "Resources:",
    "    + 1 created",
    "    2 errored",
    "",
    "Duration: 2m5s",
  ]);
});

it("shows an output called urls like any other when it is something else", () => {
  const run = new Recording().play(summary({ outputs: { urls: { count: 3 } } }));
  expect(report(run).slice(0, 3)).toEqual(["Outputs:", "    urls: {", "        count: 3"]);
});

it("counts what has errors in a preview that failed half-way", () => {
  const run = new Recording(true)
    .play({ kind: "diagnostic", severity: "error", urn: undefined, message: "replicas must be positive" })
    .play(summary({ preview: true, changes: { same: 1 }, result: "failed" }));
  expect(report(run)).toEqual([
    "Diagnostics:",
    "  pulumi:pulumi:Stack (lab-dev):",
    "    error: replicas must be positive",
    "",
    "Resources:",
    "    1 unchanged",
    "    1 errored",
  ]);
});

it("tells in one sentence what was skipped", () => {
  const urn = (name: string): string => `urn:pulumi:dev::lab::docker:index/service:Service::${name}`;
  const run = new Recording().play(
    { kind: "resource-skipped", urn: urn("web"), cause: urn("net") },
    { kind: "resource-skipped", urn: urn("redis"), cause: urn("net") },
    summary({ result: "failed" }),
  );
  expect(report(run)[0]).toBe("Skipped, as something they need failed: web, redis");
});

it("shows what changes in the outputs, and what stays only where it is carried out", () => {
  const previousOutputs = { plain: "x", list: ["a", "b"], gone: [], same: "s" };
  const outputs = { plain: "y", list: ["a", "c", "d"], more: "id-1", same: "s", nothing: null };
  const changed = [
    "  - gone : []",
    "  ~ list : [",
    '        [0]: "a"',
    '      ~ [1]: "b" => "c"',
    '      + [2]: "d"',
    "    ]",
    '  + more : "id-1"',
    '  ~ plain: "x" => "y"',
  ];
  const preview = new Recording(true).play(summary({ preview: true, outputs, previousOutputs }));
  expect(report(preview)).toEqual(["Outputs:", ...changed]);
  const done = new Recording().play(summary({ outputs, previousOutputs }));
  expect(report(done).slice(0, 10)).toEqual(["Outputs:", ...changed, '    same : "s"']);
});

it("says that it was cancelled, which is an error", () => {
  const run = new Recording().begins(stackStep("create")).play(summary({ result: "canceled" }));
  expect(report(run)).toEqual([
    "Diagnostics:",
    "  pulumi:pulumi:Stack (lab-dev):",
    "    error: update canceled",
    "",
    "Resources:",
    "    1 errored",
    "",
    "Duration: 2m5s",
  ]);
});
