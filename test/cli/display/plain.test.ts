import pc from "picocolors";
import { PlainProgress } from "../../../cli/display/plain";
import type { EngineEvent } from "../../../engine/events";
import { plainColors, Recording, stackStep, step } from "./recorded";

const stack = stackStep("create");
const vm = step("create", "command:local:Command", "myvm-vm1-vm", stack);

/** Lines printed for the events, each played after so many seconds. */
function printed(
  timeline: readonly (readonly [seconds: number, event: EngineEvent | "tick"])[],
  preview = false,
): string[] {
  const run = new Recording(preview);
  const lines: string[] = [];
  const plain = new PlainProgress(
    run.state,
    (line) => lines.push(line),
    plainColors,
    () => run.now,
  );
  for (const [seconds, event] of timeline) {
    run.after(seconds);
    if (event === "tick") plain.tick();
    else {
      run.play(event);
      plain.show(event);
    }
  }
  return lines;
}

const begins = (s: typeof vm, preview = false): EngineEvent => ({ kind: "resource-pre", preview, step: s });
const ends = (s: typeof vm, seconds: number, preview = false): EngineEvent => ({
  kind: "resource-done",
  preview,
  step: s,
  elapsedMs: seconds * 1000,
});
const status = (message: string): EngineEvent => ({ kind: "resource-status", urn: vm.urn, message });

it("prints a line when a step starts, has news and ends", () => {
  expect(
    printed([
      [0, begins(vm)],
      [2, status("making the disk")],
      [1, status("booting")],
      [40, ends(vm, 43)],
    ]),
  ).toEqual([
    " +  command:local:Command myvm-vm1-vm creating",
    " +  command:local:Command myvm-vm1-vm creating (2s) making the disk",
    " +  command:local:Command myvm-vm1-vm creating (3s) booting",
    " +  command:local:Command myvm-vm1-vm created (43s)",
  ]);
});

it("says of a refresh only what is read", () => {
  const read = { ...vm, op: "refresh" as const };
  expect(
    printed([
      [0, begins(read)],
      [0, begins({ ...stack, op: "refresh" })],
      [0, ends({ ...stack, op: "refresh" }, 0)],
      [0, begins({ ...read, urn: "urn:provider", type: "pulumi:providers:docker" })],
    ]),
  ).toEqual([" ~  command:local:Command myvm-vm1-vm refreshing"]);
});

it("repeats a status that only counts at most every 10 seconds", () => {
  const counted = Array.from(
    { length: 25 },
    (_, index) => [1, status(`waiting for Docker (${index} s)`)] as const,
  );
  expect(printed([[0, begins(vm)], ...counted])).toEqual([
    " +  command:local:Command myvm-vm1-vm creating",
    " +  command:local:Command myvm-vm1-vm creating (1s) waiting for Docker (0 s)",
    " +  command:local:Command myvm-vm1-vm creating (11s) waiting for Docker (10 s)",
    " +  command:local:Command myvm-vm1-vm creating (21s) waiting for Docker (20 s)",
  ]);
});

it("mentions a step that is silent for half a minute", () => {
  expect(
    printed([
      [0, begins(vm)],
      [29, "tick"],
      [2, "tick"],
      [1, "tick"],
    ]),
  ).toEqual([
    " +  command:local:Command myvm-vm1-vm creating",
    " +  command:local:Command myvm-vm1-vm creating (31s)",
  ]);
});

it("prints one line for each change in a preview and none for what stays", () => {
  const same = step("same", "docker:index/network:Network", "webnet", stack);
  expect(
    printed(
      [
        [0, begins(vm, true)],
        [0, begins(same, true)],
        [0, ends(vm, 0, true)],
        [0, ends(same, 0, true)],
      ],
      true,
    ),
  ).toEqual([" +  command:local:Command myvm-vm1-vm create"]);
});

it("prints the program's lines and no escape codes out of a status", () => {
  expect(
    printed([
      [0, begins(vm)],
      [0, { kind: "program-output", stream: "stdout", line: "hello" }],
      [0, status(pc.createColors(true).red("\r\nget 1: ok\nsecond line"))],
    ]),
  ).toEqual([
    " +  command:local:Command myvm-vm1-vm creating",
    "hello",
    " +  command:local:Command myvm-vm1-vm creating (0s) get 1: ok",
  ]);
});

it("tells a replacement as one in a preview, and by its steps when it is carried out", () => {
  const steps = (["create-replacement", "replace", "delete-replaced"] as const).map((op) => ({ ...vm, op }));
  const events = (preview: boolean) =>
    steps.flatMap((s) => [[0, begins(s, preview)] as const, [0, ends(s, 3, preview)] as const]);
  expect(printed(events(true), true)).toEqual([" +- command:local:Command myvm-vm1-vm replace"]);
  expect(printed(events(false))).toEqual([
    " ++ command:local:Command myvm-vm1-vm creating replacement",
    " ++ command:local:Command myvm-vm1-vm created replacement (3s)",
    " -- command:local:Command myvm-vm1-vm deleting original",
    " -- command:local:Command myvm-vm1-vm deleted original (3s)",
  ]);
});

it("has one line for a component, without a time", () => {
  expect(
    printed([
      [0, begins(stack)],
      [5, ends(stack, 5)],
    ]),
  ).toEqual([" +  pulumi:pulumi:Stack lab-dev created"]);
});

it("says what differs, and that a step failed", () => {
  const update = step("update", "t:t:T", "r", stack, {
    diff: ["x.y", "list[0]", "old", '["a.b"].c'],
    oldInputs: { x: { y: 1 }, old: 1, "a.b": { c: 1 } },
    newInputs: { x: { y: 2 }, list: [1], "a.b": { c: 2 } },
  });
  expect(
    printed([
      [0, begins(update)],
      [0, { kind: "resource-failed", step: update, elapsedMs: 20, message: "no space\nat all" }],
    ]),
  ).toEqual([" ~  t:t:T r updating [diff: +list-old~a.b,x]", " ~  t:t:T r **updating failed**"]);
  expect(printed([[0, ends({ ...update, diff: [] }, 0.02)]])).toEqual([" ~  t:t:T r updated (0.02s)"]);
});
