import pc from "picocolors";
import { Display, type LiveRegion } from "../../../cli/display/display";
import type { EngineEvent } from "../../../engine/events";
import { plainColors, stackStep, step } from "./recorded";

const stack = stackStep("create");
const vm = step("create", "command:local:Command", "vm", stack);

/** A terminal that keeps what stays on it and what is drawn at its bottom. */
class Terminal implements LiveRegion {
  written = "";
  drawn = "";
  draws = 0;
  constructor(private readonly rows: number) {}
  write(text: string): void {
    this.written += text;
  }
  size = () => ({ columns: 80, rows: this.rows });
  draw(text: string): void {
    this.drawn = text;
    this.draws++;
  }
  clear(): void {
    this.drawn = "";
  }
}

const prelude: EngineEvent = { kind: "prelude", preview: false, stack: "dev", project: "lab" };
const summary: EngineEvent = {
  kind: "summary",
  preview: false,
  changes: { create: 2 },
  durationMs: 3000,
  result: "succeeded",
  outputs: { answer: 42 },
  previousOutputs: undefined,
};

function liveDisplay(rows = 24, diff = false): { terminal: Terminal; display: Display } {
  const terminal = new Terminal(rows);
  const screen = {
    write: (text: string) => terminal.write(text),
    colors: plainColors,
    live: terminal,
  };
  return { terminal, display: new Display({ screen, heading: "Updating", outputs: true, diff }) };
}

beforeEach(() => jest.useFakeTimers({ now: 0 }));
afterEach(() => jest.useRealTimers());

it("draws bursts of events once, then every second", () => {
  const { terminal, display } = liveDisplay();
  display.take(prelude);
  for (let i = 0; i < 100; i++)
    display.take({ kind: "resource-pre", preview: false, step: { ...vm, urn: `${vm.urn}${i}` } });
  expect(terminal.draws).toBe(0);
  jest.advanceTimersByTime(50);
  expect(terminal.draws).toBe(1);
  jest.advanceTimersByTime(3000);
  expect(terminal.draws).toBe(4);
  expect(terminal.drawn).toMatch(/creating \(3s\)/);
  display.end();
});

it("prints the program's lines above what is drawn", () => {
  const { terminal, display } = liveDisplay();
  display.take(prelude);
  display.take({ kind: "resource-pre", preview: false, step: vm });
  display.take({ kind: "program-output", stream: "stdout", line: "hello" });
  expect(terminal.written).toBe("Updating (dev):\nhello\n");
  expect(terminal.drawn).toContain("vm");
  display.end();
});

it("leaves the whole tree and the report behind, and nothing drawn", () => {
  const { terminal, display } = liveDisplay(5);
  display.take(prelude);
  for (const each of [stack, vm]) display.take({ kind: "resource-pre", preview: false, step: each });
  for (const each of [vm, stack])
    display.take({ kind: "resource-done", preview: false, step: each, elapsedMs: 3000 });
  display.take(summary);
  display.end();
  expect(terminal.drawn).toBe("");
  expect(terminal.written).toBe(`Updating (dev):
     Type                      Name     Status
 +   pulumi:pulumi:Stack       lab-dev  created
 +   └─ command:local:Command  vm       created (3s)

Outputs:
    answer: 42

Resources:
    + 2 created

Duration: 3s

`);
  jest.advanceTimersByTime(10_000);
  expect(terminal.drawn).toBe("");
});

it("keeps the note on cancelling in sight, within the height", () => {
  const { terminal, display } = liveDisplay(8);
  display.take(prelude);
  for (let i = 0; i < 30; i++)
    display.take({ kind: "resource-pre", preview: false, step: { ...vm, urn: `${vm.urn}${i}` } });
  display.say("Cancelling");
  jest.advanceTimersByTime(5000);
  const lines = terminal.drawn.split("\n");
  expect(lines.at(-1)).toBe("Cancelling");
  expect(lines.length).toBeLessThan(8);
  display.end();
});

it("shows properties instead of the tree with --diff", () => {
  const { terminal, display } = liveDisplay(24, true);
  display.take(prelude);
  const update = { ...vm, op: "update" as const, oldInputs: { n: 1 }, newInputs: { n: 2 } };
  display.take({ kind: "resource-pre", preview: false, step: update });
  display.end();
  expect(terminal.written).toContain("  ~ n: 1 => 2");
  expect(terminal.written).not.toContain("Type");
});

it("writes no escape codes to a pipe, whatever the program and the guests print", () => {
  const pipe = new Terminal(24);
  const screen = { write: (text: string) => pipe.write(text), colors: plainColors, live: undefined };
  const display = new Display({ screen, heading: "Updating", outputs: true });
  const red = pc.createColors(true).red;
  display.take(prelude);
  display.take({ kind: "program-output", stream: "stdout", line: red("red") });
  display.take({ kind: "resource-pre", preview: false, step: vm });
  display.take({ kind: "resource-status", urn: vm.urn, message: red("booting") });
  display.take({ kind: "resource-failed", step: vm, elapsedMs: 1, message: red("broken") });
  display.take(summary);
  display.end();
  expect(pipe.written).toContain("red\n");
  expect(pipe.written).toContain("booting");
  expect(pipe.written).toContain("error: broken");
  expect(pipe.written).not.toContain("\u001b");
});
