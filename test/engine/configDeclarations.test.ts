/** Which declarations of configuration, and which values of them, Pulumi 3.248.0 takes. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadProject } from "../../engine/project";
import { StackConfigFile } from "../../engine/stackConfig";

const dir = mkdtempSync(join(tmpdir(), "declarations-"));
afterAll(() => rmSync(dir, { recursive: true }));

async function resolved(declared: string, values: string): Promise<Record<string, string>> {
  writeFileSync(join(dir, "Pulumi.yaml"), `name: proj\nruntime: nodejs\nconfig:\n  ${declared}\n`);
  writeFileSync(join(dir, "Pulumi.dev.yaml"), values === "" ? "" : `config:\n  ${values}\n`);
  const file = await StackConfigFile.load(await loadProject(dir), "dev");
  return Object.fromEntries(file.resolve(undefined, { check: true }).values);
}

test.each([
  ["a: {description: x}", "", "missing configuration value"],
  ["a: {}", "", "missing configuration value"],
  ["a:", "", "config a is empty"],
  ["a: {default: 1, value: 2}", "", "both a default and a value"],
  ["a: {type: array}", "proj:a: [1]", "needs items"],
  ["a: {type: string, default: 5}", "", "not of the type string"],
  ["a: {type: integer, default: 1.5}", "", "not of the type integer"],
  ["a: {type: boolean, default: notbool}", "", "not of the type boolean"],
  ["a: {type: object, default: [1]}", "", "not of the type object"],
  ["a: {type: array, items: {type: integer}, default: [1, x]}", "", "not of the type array<integer>"],
  ["a: {type: number, default: 1.5}", "", "config a is not valid"],
  ["a: {type: string, foo: x, default: y}", "", "config a is not valid"],
  ["a: {type: string, default: null}", "", "missing configuration value"],
  ["'aws:x': {type: string}", "", "takes no type"],
  ["'aws:x': {default: x}", "", "takes no default"],
  ["'aws:x': {description: v}", "", "needs a value"],
  [
    "a: {type: array, items: {type: array, items: {type: boolean}}}",
    "proj:a: [[true],[x]]",
    "not of the type array<array<boolean>>",
  ],
  ["a: {type: array, items: {type: string}}", "proj:a: [a, 1]", "not of the type array<string>"],
  ["a: {type: integer}", "proj:a: 1.5", "not of the type integer"],
  ["a: {type: integer}", 'proj:a: "0x10"', "not of the type integer"],
  ["a: {type: integer}", "proj:a: 12345678901234567890", "not of the type integer"],
  ["a: {type: string}", "proj:a: {b: c}", "not of the type string"],
  ["a: {type: boolean}", 'proj:a: "True"', "not of the type boolean"],
  ["a: {type: object}", "proj:a: '{\"b\":1}'", "not of the type object"],
  ["a: {type: string, secret: true}", "proj:a: plain", "must be a secret"],
  ["a: {type: string, secret: true, default: x}", "", "must be a secret"],
])("%s with %j is refused", async (declared, values, message) => {
  await expect(resolved(declared, values)).rejects.toThrow(message);
});

test.each([
  ['a: {type: integer, default: "5"}', "", { "proj:a": "5" }],
  ["a: {type: integer, default: 2.0}", "", { "proj:a": "2" }],
  ['a: {type: boolean, default: "true"}', "", { "proj:a": "true" }],
  ["'aws:x': {value: v}", "", { "aws:x": "v" }],
  ["'proj:x': {type: integer, default: 12345678901234567}", "", { "proj:x": "12345678901234567" }],
  ["a: {type: integer}", 'proj:a: "+5"', { "proj:a": "+5" }],
  [
    "a: {type: array, items: {type: array, items: {type: boolean}}}",
    "proj:a: [[true],['false']]",
    { "proj:a": '[[true],["false"]]' },
  ],
  ["a.b: {type: string}", "proj:a: {b: c}", { "proj:a": '{"b":"c"}' }],
  ["a.b: {type: integer, default: 4}", "", { "proj:a": '{"b":4}' }],
  ['a: {type: object, default: {z: 1, a: "<b>"}}', "", { "proj:a": '{"a":"\\u003cb\\u003e","z":1}' }],
])("%s with %j is taken", async (declared, values, config) => {
  expect(await resolved(declared, values)).toEqual(config);
});
