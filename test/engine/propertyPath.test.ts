import fc from "fast-check";
import { covers, formatPath, type PropertyPath, parsePath, resetToOld } from "../../engine/propertyPath";
import { type PropertyMap, Secret, sameValue, type Value } from "../../engine/values";
import { runs } from "../propertyRuns";

// From Pulumi's own tests (sdk/go/common/resource/properties_path_test.go).
test.each<[string, PropertyPath, string]>([
  ["root", ["root"], "root"],
  ['root["nested"]', ["root", "nested"], "root.nested"],
  ['root["double"].nest', ["root", "double", "nest"], "root.double.nest"],
  ["root.array2[0][1].nested", ["root", "array2", 0, 1, "nested"], "root.array2[0][1].nested"],
  [
    'root["key with \\"escaped\\" quotes"]',
    ["root", 'key with "escaped" quotes'],
    'root["key with \\"escaped\\" quotes"]',
  ],
  ['["root key with a ."][1]', ["root key with a .", 1], '["root key with a ."][1]'],
  ["root.array.[1]", ["root", "array", 1], "root.array[1]"],
  ['root.["key with a ."]', ["root", "key with a ."], 'root["key with a ."]'],
  ['root["*"].field[1]', ["root", "*", "field", 1], 'root["*"].field[1]'],
  ["root[3].*[3]", ["root", 3, "*", 3], 'root[3]["*"][3]'],
  ["foo-bar", ["foo-bar"], '["foo-bar"]'],
])("%s", (text, path, again) => {
  expect(parsePath(text)).toEqual(path);
  expect(formatPath(path)).toBe(again);
});

test.each(["root[", 'root["nested]', "root.array[abc]", "root.", ".root", "root[-1]"])(
  "%s is none",
  (text) => {
    expect(() => parsePath(text)).toThrow("not a property path");
  },
);

const key = fc
  .oneof(
    fc.constantFrom("a", "b", "a.b", "x-1", "*", "", '"', "]", "__proto__"),
    fc.string({ unit: "grapheme" }),
  )
  .filter((name) => !name.endsWith("\\"));
const path = fc.array(fc.oneof(key, fc.nat(12)), { minLength: 1, maxLength: 6 });

test("what is written is read back", () => {
  fc.assert(
    fc.property(path, (original) => {
      expect(parsePath(formatPath(original))).toEqual(original);
    }),
    runs,
  );
});

test("a text is a path or refused, whatever it is", () => {
  const text = fc.oneof(
    fc.string(),
    fc.string({ unit: fc.constantFrom("a", ".", "[", "]", '"', "\\", "1", "*") }),
  );
  fc.assert(
    fc.property(text, (any) => {
      let parsed: PropertyPath;
      try {
        parsed = parsePath(any);
      } catch (error) {
        expect((error as Error).message).toContain("not a property path");
        return;
      }
      expect(parsePath(formatPath(parsed)).length).toBeGreaterThanOrEqual(0);
    }),
    runs,
  );
});

const plainKey = fc.constantFrom("a", "b", "c");
const { value } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.nat(3),
    fc.constantFrom("x", null, true),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(plainKey, tie("value"), { maxKeys: 3, noNullPrototype: true }),
    tie("value").map((element) => new Secret(element)),
  ),
}));
const map = fc.dictionary(plainKey, value, {
  maxKeys: 3,
  noNullPrototype: true,
}) as fc.Arbitrary<PropertyMap>;
const short = fc
  .tuple(plainKey, fc.array(fc.oneof(plainKey, fc.nat(2), fc.constant("*")), { maxLength: 3 }))
  .map(([first, rest]) => [first, ...rest]);

/** What is at a path without `*`, under secrets. */
function at(of: Value | undefined, [part, ...rest]: PropertyPath): Value | undefined {
  if (of instanceof Secret) return at(of.element, part === undefined ? [] : [part, ...rest]);
  if (part === undefined) return of;
  if (typeof of !== "object" || of === null) return undefined;
  return Object.hasOwn(of, part) ? at((of as Record<string, Value>)[part], rest) : undefined;
}

test("resetting to what is the same changes nothing", () => {
  fc.assert(
    fc.property(short, map, (where, inputs) => sameValue(resetToOld(where, inputs, inputs).inputs, inputs)),
    runs,
  );
});

test("what is reset is as it was, once and for all, and nothing else is touched", () => {
  fc.assert(
    fc.property(short, map, map, (where, old, now) => {
      const before = structuredClone(JSON.stringify(now));
      const { inputs, complete } = resetToOld(where, old, now);
      expect(JSON.stringify(now)).toBe(before);
      expect(sameValue(resetToOld(where, old, inputs).inputs, inputs)).toBe(true);
      if (complete && !where.includes("*")) {
        const plainly = (of: PropertyMap): string => JSON.stringify(at(of, where)) ?? "";
        expect(plainly(inputs)).toBe(plainly(old));
      }
      for (const name of new Set([...Object.keys(old), ...Object.keys(now)]))
        if (!covers([where[0] as string], [name])) expect(inputs[name]).toEqual(now[name]);
    }),
    runs,
  );
});

test("a path covers itself and what is in it, and nothing above it", () => {
  fc.assert(
    fc.property(path, path, (outer, inner) => {
      expect(covers(outer, outer)).toBe(true);
      expect(covers(outer, [...outer, ...inner])).toBe(true);
      expect(covers([...outer, ...inner], outer)).toBe(false);
      expect(
        covers(
          outer.map(() => "*"),
          [...outer, ...inner],
        ),
      ).toBe(true);
    }),
    runs,
  );
});
