import { diffLines } from "../../../cli/display/diff";
import { plainColors, step } from "./recorded";

const show = (...steps: Parameters<typeof diffLines>[0]): string[] => diffLines(steps, plainColors);

it("names what is added, removed and changed, however deep", () => {
  const update = step("update", "docker:index/service:Service", "web", undefined, {
    diff: ["mode"],
    oldInputs: { name: "web", mode: { replicated: { replicas: 5 } }, labels: ["a"], old: true },
    newInputs: { name: "web", mode: { replicated: { replicas: 3 } }, labels: ["b"], fresh: 1 },
  });
  expect(show(update)).toEqual([
    "~ docker:index/service:Service: (update)",
    `    [urn=${update.urn}]`,
    "  + fresh: 1",
    '  ~ labels: ["a"] => ["b"]',
    "  ~ mode:",
    "    ~ replicated:",
    "      ~ replicas: 5 => 3",
    "  - old: true",
  ]);
});

it("lists the inputs of a new resource with secrets hidden and long values cut", () => {
  const create = step("create", "command:local:Command", "vm", undefined, {
    newInputs: { create: "x".repeat(500), token: "[secret]" },
  });
  const lines = show(create, step("same", "t:t:T", "same"));
  expect(lines).toHaveLength(4);
  expect(lines[2]).toMatch(/^ {4}create: "x+…$/);
  expect(lines[3]).toBe("    token: [secret]");
});

it("names a difference that only the provider sees", () => {
  const update = step("update", "t:t:T", "r", undefined, {
    diff: ["image"],
    oldInputs: { image: "web" },
    newInputs: { image: "web" },
  });
  expect(show(update)).toContain('  ~ image: "web"');
});

it("shows unknown values as such, and nothing that providers note for themselves", () => {
  const update = step("update", "docker:index/service:Service", "web", undefined, {
    oldInputs: { __defaults: ["mode"], ports: [{ __defaults: [], target: 80 }], network: "n1" },
    newInputs: { ports: [{ target: 80 }], network: "output<string>" },
  });
  expect(show(update).slice(2)).toEqual(['  ~ network: "n1" => output<string>']);
});
