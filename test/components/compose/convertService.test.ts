// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose files are written so
import { warningText } from "../../../components/compose/place";
import { args, service } from "./converted";

it.each([
  [0, 0],
  [0.3, 0.3],
  [0.7, 0.7],
  [1, 1],
])("takes the failure ratio %d as it is", (given, ratio) => {
  const { plan, warnings } = service(`deploy: { update_config: { max_failure_ratio: ${given} } }`);
  expect(warnings).toEqual([]);
  expect(plan.services.web?.args.updateConfig).toEqual({ maxFailureRatio: ratio });
});

it.each([
  [0.25, 0.2],
  [0.05, 0],
  [0.999, 0.9],
])("takes %d, which the provider cannot be told, for %d, with a warning", (given, ratio) => {
  const { plan, warnings } = service(`deploy:\n  rollback_config:\n    max_failure_ratio: ${given}`);
  expect(warnings.map(warningText)).toEqual([
    expect.stringMatching(
      new RegExp(
        `:6: services\\.web\\.deploy\\.rollback_config\\.max_failure_ratio: ${ratio} is taken for ${given}: `,
      ),
    ),
  ]);
  expect(plan.services.web?.args.rollbackConfig).toEqual({ maxFailureRatio: ratio });
});

it.each([-0.1, 1.1])("refuses the failure ratio %d", (ratio) =>
  expect(() => service(`deploy: { update_config: { max_failure_ratio: ${ratio} } }`)).toThrow(
    /:4: .*max_failure_ratio: .* must be 0 to 1$/,
  ),
);

it.each([
  ["init: yes", { init: true }],
  ["tty: On", { tty: true }],
  ["stdin_open: y", { stdinOpen: true }],
  ["read_only: no", { readOnly: false }],
  ["init: OFF", { init: false }],
  ["read_only: n", { readOnly: false }],
])("reads %s, as YAML 1.1 has it", (text, found) => expect(args(text)).toMatchObject(found));

it.each(["init: maybe", "init: constructor"])("refuses %s", (text) =>
  expect(() => service(text)).toThrow(/:4: services\.web\.init: must be true or false, not "/),
);

it("takes empty texts for none", () => {
  const { plan, warnings } = service(
    `user: \${NONE:-}
hostname: ""
working_dir: ""
stop_signal: ""
networks: [back]
secrets: [{ source: s, target: "", uid: "", gid: "" }]`,
    `networks: { back: { name: "", driver: "", ipam: { driver: "" } } }
secrets: { s: { name: "", environment: HOME } }`,
  );
  expect(warnings).toEqual([]);
  expect(plan.services.web).toMatchObject({
    args: service("").plan.services.web?.args,
    secrets: [{ source: "s", target: "s" }],
  });
  expect(plan.services.web?.args).not.toHaveProperty("user");
  expect(plan.networks.back).toEqual({
    name: "shop_back",
    external: false,
    args: { labels: { "com.docker.stack.namespace": "shop" } },
  });
  expect(plan.secrets.s?.name).toBe("shop_s");
});

it("warns that an empty logging driver is json-file", () => {
  const { plan, warnings } = service('logging: { driver: "" }');
  expect(warnings.map(warningText)).toEqual([
    expect.stringMatching(/:4: services\.web\.logging: json-file is taken/),
  ]);
  expect(plan.services.web?.args.logging).toEqual({ driver: "json-file" });
});
