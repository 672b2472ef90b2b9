import fc from "fast-check";
import { makeUrn, packageOf, parseProviderReference, parseUrn, rootStackType } from "../../engine/urn";
import { runs } from "../propertyRuns";

const word = fc.stringMatching(/^[A-Za-z0-9_.-]{1,8}$/);
const type = fc.tuple(word, word, word).map((parts) => parts.join(":"));
/** Anything, `::` and `$` too. */
const name = fc.oneof(
  fc.string({ unit: "grapheme", minLength: 1 }),
  fc.string({ unit: fc.constantFrom(":", "$", "a"), minLength: 1 }),
);

test("a URN tells what it was made of", () => {
  fc.assert(
    fc.property(word, word, type, type, name, name, (stack, project, outer, inner, above, below) => {
      const parent = makeUrn(stack, project, undefined, outer, above);
      expect(parseUrn(parent)).toEqual({ stack, project, qualifiedType: outer, type: outer, name: above });
      const child = makeUrn(stack, project, parent, inner, below);
      expect(parseUrn(child)).toEqual({
        stack,
        project,
        qualifiedType: `${outer}$${inner}`,
        type: inner,
        name: below,
      });
      expect(child).toBe(`urn:pulumi:${stack}::${project}::${outer}$${inner}::${below}`);
    }),
    runs,
  );
});

test("the stack adds nothing to the type of what hangs from it", () => {
  fc.assert(
    fc.property(word, word, type, name, (stack, project, of, called) => {
      const root = makeUrn(stack, project, undefined, rootStackType, `${project}-${stack}`);
      expect(makeUrn(stack, project, root, of, called)).toBe(makeUrn(stack, project, undefined, of, called));
      expect(packageOf(of)).toBe(of.split(":")[0]);
    }),
    runs,
  );
});

test("a provider reference is its URN and ID", () => {
  fc.assert(
    fc.property(word, word, word, name, fc.uuid(), (stack, project, pkg, called, id) => {
      const urn = makeUrn(stack, project, undefined, `pulumi:providers:${pkg}`, called);
      expect(parseProviderReference(`${urn}::${id}`)).toEqual({ urn, id });
    }),
    runs,
  );
});

test("what is no URN is refused", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("u", "r", "n", ":", "p", "$") }), (text) => {
      expect(() => parseUrn(text)).toThrow("not a URN");
    }),
    runs,
  );
});
