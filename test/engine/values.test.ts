import fc from "fast-check";
import { parseDeployment, readSnapshot, writeDeployment } from "../../engine/deployment";
import { newState } from "../../engine/resourceState";
import { SecretsManager } from "../../engine/secrets";
import {
  Archive,
  Asset,
  fromStruct,
  fromWire,
  hasSecrets,
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
import { unknownTexts } from "../../host/propertySignatures";
import * as provider from "../../providers/rpc/values";
import { runs } from "../propertyRuns";

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
  fc.assert(
    fc.property(map, (original) => sameValue(fromStruct(toStruct(original, all)), original)),
    runs,
  );
});

test("values survive a provider of this project, which reads and writes them by itself", () => {
  const special: fc.Arbitrary<Value> = fc.oneof(
    fc.constant(Unknown.value),
    fc.constant(new ResourceReference("urn:pulumi:s::p::t::n", "", "1.0.0")),
    fc
      .tuple(fc.option(value, { nil: undefined }), fc.boolean())
      .map(([element, secret]) => new OutputValue(element, secret, ["urn:pulumi:s::p::t::n"])),
  );
  fc.assert(
    fc.property(map, special, (plain, one) => {
      const original: PropertyMap = { plain, one, list: [one, new Secret(plain)] };
      const there = provider.fromStruct(toStruct(original, all));
      const back = fromStruct(provider.toStruct(there));
      expect(sameValue(back, original)).toBe(true);
      expect(provider.containsSecret(there)).toBe(hasSecrets(original));
      expect(provider.containsUnknown(there) || one instanceof ResourceReference).toBe(hasUnknowns(original));
    }),
    runs,
  );
});

test("every mark that a plugin in Go has for what is not known is read as that", () => {
  expect(unknownTexts.size).toBe(7);
  for (const text of unknownTexts) {
    expect(fromWire({ a: [text] })).toEqual({ a: [Unknown.value] });
    expect(provider.fromJson({ a: [text] })).toEqual({ a: [provider.Unknown.value] });
    const reference = { [signatureKey]: "5cf8f73096256a8f31e491e813e4eb8e", urn: "u", id: text };
    expect(fromWire(reference)).toEqual(new ResourceReference("u", "", ""));
  }
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
    runs,
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

it("leaves empty text of an asset out, as Pulumi does, and reads it back", () => {
  const empty = new Asset({ text: "" }, "ab");
  const wire = toWire(empty, all);
  expect(wire).toEqual({ [signatureKey]: "c44067f5952c0a294b673a41bacd8c17", hash: "ab" });
  expect(fromWire(wire as never)).toEqual(empty);
  const received = provider.fromStruct(toStruct({ empty }, all)).empty as provider.Asset;
  expect(received.content).toMatchObject({ text: "" });
});
