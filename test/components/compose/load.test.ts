// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose files are written so
/** Files that are read together. */
import type { LoadOptions } from "../../../components/compose/load";
import { read } from "./converted";

const project =
  "services: { web: { image: 'web:${COMPOSE_PROJECT_NAME}', environment: [COMPOSE_PROJECT_NAME] } }\n";

it.each<[string, Record<string, string>, Partial<LoadOptions>, string]>([
  ["the default", { "a.yml": project }, {}, "other"],
  ["an empty one", { "a.yml": `name: \${NONE:-}\n${project}` }, {}, "other"],
  ["the file", { "a.yml": `name: shop-\${V}\n${project}` }, {}, "shop-v"],
  [
    "the last file",
    { "a.yml": `name: one\n${project}`, "b.yml": "name: two\nservices: {}\n" },
    { files: ["a.yml", "b.yml"] },
    "two",
  ],
  ["who asks", { "a.yml": `name: one\n${project}` }, { stackName: "given" }, "given"],
  ["a variable", { "a.yml": project }, { variables: { COMPOSE_PROJECT_NAME: "theirs" } }, "theirs"],
  [
    "the file that includes",
    { "a.yml": "name: shop\ninclude: [b.yml]\nservices: {}\n", "b.yml": project },
    {},
    "shop",
  ],
])("replaces COMPOSE_PROJECT_NAME by the name of %s", (_, files, options, name) => {
  const { plan, warnings } = read(files, { variables: { V: "v" }, defaultName: "other", ...options });
  expect(warnings).toEqual([]);
  expect(plan.services.web?.args).toMatchObject({
    image: `web:${name}`,
    env: { COMPOSE_PROJECT_NAME: name },
  });
});

it("refuses files that include each other, where the circle closes", () => {
  const files = {
    "a.yml": "include: [sub/b.yml]\nservices: {}\n",
    "sub/b.yml": "services: {}\ninclude:\n  - path: [c.yml, ../a.yml]\n",
    "sub/c.yml": "services: {}\n",
  };
  expect(() => read(files)).toThrow(/sub\/b\.yml:3: include: the files include each other in a circle$/);
  expect(() => read({ "self.yml": "include: [self.yml]\nservices: {}\n" })).toThrow(
    /self\.yml:1: include: .* in a circle$/,
  );
});

it("includes one file twice, from two others", () => {
  const { plan } = read({
    "a.yml": "include: [b.yml, c.yml]\nservices: {}\n",
    "b.yml": "include: [d.yml]\nservices: {}\n",
    "c.yml": "include: [d.yml]\nservices: {}\n",
    "d.yml": "services: { d: { image: d } }\n",
  });
  expect(Object.keys(plan.services)).toEqual(["d"]);
});

it("says where a file is included that is not there", () => {
  expect(() => read({ "a.yml": "services: {}\ninclude: [none.yml]\n" })).toThrow(
    /a\.yml:2: .*none\.yml: there is no such file$/,
  );
});
