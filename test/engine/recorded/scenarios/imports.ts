/** Taking over things that exist: the option `import`. */
import { destroy, group, preview, ref, run, type Scenario, scenario, thing, up } from "../scenario";

const exists = { "a-1-1": { value: 3, text: "x" } };
const option = { import: "a-1-1" };

export const imports: readonly Scenario[] = [
  scenario(
    "as it is",
    { ...preview(thing("a", { value: 3, text: "x" }, option)), exists },
    up(),
    up(),
    up(thing("a", { value: 3, text: "x" })),
    up(thing("a", { value: 4, text: "x" })),
    destroy,
  ),
  scenario("with other inputs", { ...up(thing("a", { value: 4, text: "x" }, option)), exists }),
  scenario("with fewer inputs", { ...up(thing("a", { value: 3 }, option)), exists }),
  scenario(
    "with other inputs that are ignored",
    { ...up(thing("a", { value: 4, text: "x" }, { ...option, ignoreChanges: ["value"] })), exists },
    up(),
  ),
  scenario("with inputs that replace", {
    ...up(thing("a", { value: 3, text: "x", size: 1 }, option)),
    exists,
  }),
  scenario("what is not there", up(thing("a", { value: 3 }, option), thing("b"))),
  scenario(
    "into a component, protected, with a user",
    {
      ...up(
        group("g"),
        thing("a", { value: 3, text: "x" }, { ...option, parent: "g", protect: true }),
        thing("b", { value: ref("a") }),
      ),
      exists,
    },
    up(),
  ),
  scenario(
    "over something managed",
    { ...up(thing("a", { value: 1 })), exists },
    up(thing("a", { value: 3, text: "x" }, option)),
    up(),
  ),
  scenario(
    "the id of what is managed",
    up(thing("a", { value: 1 })),
    run(
      'new Thing("a", { value: 1 }, { import: require("fs").readdirSync(process.env.TEST_PROVIDER_DIR).find((f) => f.startsWith("a-")).replace(".resource", "") });',
    ),
  ),
  scenario(
    "another id than before",
    {
      ...up(thing("a", { value: 3, text: "x" }, option)),
      exists: { ...exists, "a-2-2": { value: 3, text: "x" } },
    },
    up(thing("a", { value: 3, text: "x" }, { import: "a-2-2" })),
  ),
  scenario(
    "then changed while the option is still there",
    { ...up(thing("a", { value: 3, text: "x" }, option)), exists },
    up(thing("a", { value: 5, text: "x" }, option)),
    up(thing("a", { value: 5, text: "x", size: 1 }, option)),
  ),
  scenario(
    "what was read before",
    { ...run('Thing.get("a", "a-1-1");'), exists },
    up(thing("a", { value: 3, text: "x" }, option)),
  ),
];
