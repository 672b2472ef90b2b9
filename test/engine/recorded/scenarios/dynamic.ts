/** Dynamic providers: resources whose provider is part of the program. */
import { destroy, run, type Scenario, scenario } from "../scenario";

const counter = (inputs: string, more = ""): string => `
  class Counter extends pulumi.dynamic.Resource {
    constructor(name, props, opts) {
      super({
        async check(olds, news) { return { inputs: { ...news, size: news.size ?? 1 }, failures: news.value === "bad" ? [{ property: "value", reason: "bad" }] : [] }; },
        async diff(id, olds, news) { return { changes: olds.value !== news.value || olds.size !== news.size, replaces: olds.size !== news.size ? ["size"] : [], deleteBeforeReplace: news.first === true }; },
        async create(inputs) { return { id: "made-1-1", outs: { ...inputs, twice: [inputs.value, inputs.value] } }; },
        async update(id, olds, news) { return { outs: { ...news, twice: [news.value, news.value] } }; },
        async delete() {},
      }, name, { twice: undefined, ...props }, opts);
    }
  }
  const a = new Counter("a", ${inputs});
  exports.twice = a.twice;
  ${more}`;

export const dynamic: readonly Scenario[] = [
  scenario(
    "create, update, replace, delete",
    run(counter('{ value: "x" }')),
    run(counter('{ value: "y" }')),
    run(counter('{ value: "y", size: 2 }')),
    run(counter('{ value: "y", size: 3, first: true }')),
    destroy,
  ),
  {
    ...scenario(
      "with a secret and a dependent",
      run(counter('{ value: pulumi.secret("x") }', 'new Thing("b", { value: a.twice });')),
      destroy,
    ),
    reveals: ["x"],
  },
  scenario("a check that fails", run(counter('{ value: "bad" }'))),
];
