/** What several files say of the same thing. */
import { warningText } from "../../../components/compose/place";
import { read } from "./converted";

const merged = (base: string, over: string) => {
  const file = (hosts: string) => `services: { web: { image: web:1, extra_hosts: ${hosts} } }`;
  const { plan, warnings } = read(
    { "base.yml": file(base), "over.yml": file(over) },
    { files: ["base.yml", "over.yml"] },
  );
  return { hosts: plan.services.web?.args.extraHosts, warnings: warnings.map(warningText) };
};

it.each([
  ["[a:10.0.0.1, b:10.0.0.2]", "{ b: 10.0.0.3, c: '::1' }"],
  ["{ a: 10.0.0.1, b: 10.0.0.2 }", "[b=10.0.0.3, 'c=[::1]']"],
  ["[a=10.0.0.1, b=10.0.0.2]", "[b:10.0.0.3, 'c:::1']"],
  ["{ a: 10.0.0.1, b: 10.0.0.2 }", "{ b: [10.0.0.3], c: '::1' }"],
])("merges extra_hosts %s and %s by name", (base, over) => {
  expect(merged(base, over)).toEqual({
    hosts: { a: "10.0.0.1", b: "10.0.0.3", c: "::1" },
    warnings: [],
  });
});

it("takes a host out of extra_hosts by !reset, and says which of its addresses are not taken", () => {
  expect(merged("[a:10.0.0.1, b:10.0.0.2]", "{ a: !reset null }").hosts).toEqual({ b: "10.0.0.2" });
  expect(merged("[a:10.0.0.1]", "[b:10.0.0.2, b:10.0.0.3, b:10.0.0.4]")).toEqual({
    hosts: { a: "10.0.0.1", b: "10.0.0.2" },
    warnings: [expect.stringMatching(/over\.yml:1: services\.web\.extra_hosts\.b: .*takes one address/)],
  });
});
