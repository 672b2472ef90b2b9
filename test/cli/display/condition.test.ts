import { foundCondition } from "../../../cli/display/condition";
import { shortDiff } from "../../../cli/display/words";

const inputs = (condition?: string, more: object = {}) => ({
  create: "apply",
  environment: { ...(condition === undefined ? {} : { VMCLUSTER_CONDITION: condition }) },
  ...more,
});
const step = (oldInputs: object, newInputs: object, diff = ["environment.VMCLUSTER_CONDITION"]) =>
  ({ op: "update", diff, oldInputs, newInputs }) as Parameters<typeof shortDiff>[0];

test.each([
  ["ok", "repair 1: stopped", "is stopped: will be started"],
  ["repair 1: stopped", "repair 2: gone", "is gone: will be made again"],
  [undefined, "repair 1: memory 512, wanted 1024", "memory 512, wanted 1024: will be put right"],
  [
    "ok",
    "repair 3: cpus 1, wanted 2; ports 80, wanted none",
    "cpus 1, wanted 2; ports 80, wanted none: will be put right",
  ],
])("%j, then %j", (before, after, line) => {
  expect(shortDiff(step(inputs(before), inputs(after)))).toBe(line);
});

test("beside other differences both are told", () => {
  expect(
    shortDiff(
      step(inputs("ok"), inputs("repair 1: stopped", { create: "other" }), ["environment", "create"]),
    ),
  ).toBe("is stopped: will be started [diff: ~create,environment]");
});

test("another variable is a difference as any", () => {
  const [a, b] = [{ environment: { A: "1" } }, { environment: { A: "2" } }];
  expect(shortDiff(step(a, b, ["environment"]))).toBe("[diff: ~environment]");
  expect(
    foundCondition({ oldInputs: inputs("repair 1: gone"), newInputs: inputs("repair 1: gone") } as never),
  ).toBeUndefined();
  expect(
    foundCondition({ oldInputs: inputs("repair 1: gone"), newInputs: inputs("ok") } as never),
  ).toBeUndefined();
});
