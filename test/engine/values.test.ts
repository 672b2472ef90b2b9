import fc from "fast-check";
import { parseDeployment, readSnapshot, writeDeployment } from "../../engine/deployment";
import { newState } from "../../engine/resourceState";
import { SecretsManager } from "../../engine/secrets";
import {
  Archive,
  Asset,
  fromStruct,
  hasUnknowns,
  OutputValue,
  type PropertyMap,
  ResourceReference,
  Secret,
  sameValue,
  signatureKey,
  toPlain,
  toStruct,
  toWire,
  Unknown,
  type Value,
} from "../../engine/values";

const all = { keepUnknowns: true, keepSecrets: true, keepResources: true, keepOutputValues: true };

const key = fc
  .oneof(fc.string(), fc.constantFrom("constructor", "a", "toString"))
  .filter((name) => name !== signatureKey && name !== "__proto__");
const leaf: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
  fc.string({ unit: "grapheme" }),
  fc.string().map((text) => new Asset({ text }, "ab")),
  fc.string({ minLength: 1 }).map((path) => new Archive({ path }, undefined)),
  fc.string({ minLength: 1 }).map((id) => new ResourceReference("urn:pulumi:s::p::t::n", id, "1.0.0")),
);
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 3 }),
    fc
      .array(fc.tuple(key, tie("value")), { maxLength: 3 })
      .map((entries) => Object.fromEntries(entries) as PropertyMap),
    tie("value").map((element) => new Secret(element)),
  ),
}));
const map = fc
  .array(fc.tuple(key, value), { maxLength: 4 })
  .map((entries) => Object.fromEntries(entries) as PropertyMap);

test("values survive the wire", () => {
  fc.assert(fc.property(map, (original) => sameValue(fromStruct(toStruct(original, all)), original)));
});

test("values survive the state", async () => {
  const secrets = await SecretsManager.create("p");
  fc.assert(
    fc.property(map, (inputs) => {
      const state = newState({
        urn: "urn:pulumi:s::p::a:b:C::n",
        type: "a:b:C",
        custom: true,
        inputs,
        outputs: inputs,
      });
      const written = writeDeployment(
        { resources: [state], pendingOperations: [] },
        { secrets, engineVersion: "v3.0.0" },
      );
      const stored: unknown = JSON.parse(JSON.stringify(written.deployment));
      const [read] = readSnapshot(parseDeployment(stored, 3, [], "test"), secrets).resources;
      expect(sameValue(read?.inputs, inputs)).toBe(true);
      expect(sameValue(read?.outputs, inputs)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test("a receiver gets only what it understands", () => {
  const plain = { keepUnknowns: false, keepSecrets: false, keepResources: false };
  expect(toWire({ a: Unknown.value, b: new Secret("x"), c: [Unknown.value, 1] }, plain)).toEqual({
    b: "x",
    c: [null, 1],
  });
  expect(toWire(new ResourceReference("urn", "id", ""), plain)).toBe("id");
  expect(toWire(new ResourceReference("urn", undefined, ""), plain)).toBe("urn");
  expect(toWire(new OutputValue("v", true, ["urn"]), { ...all, keepOutputValues: false })).toEqual({
    [signatureKey]: "1b47061264138c4ac30d75fd1eb44270",
    value: "v",
  });
});

test("unknowns are found wherever they are, and left out of what people see", () => {
  const value: Value = { a: [new Secret({ b: Unknown.value })], c: 1, d: Unknown.value };
  expect(hasUnknowns(value)).toBe(true);
  expect(hasUnknowns({ a: [1, "x", null] })).toBe(false);
  expect(toPlain(value, { showSecrets: true })).toEqual({ a: [{}], c: 1 });
  expect(toPlain({ s: new Secret("x") }, {})).toEqual({ s: "[secret]" });
  expect(toPlain({ u: Unknown.value }, { unknown: "?" })).toEqual({ u: "?" });
});
