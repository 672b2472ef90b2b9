// biome-ignore-all lint/suspicious/noTemplateCurlyInString: code in texts is the point
/** Whatever texts a compose file has, the program that is written of it makes the same plan and runs nothing else. */
import { resolve } from "node:path";
import { createContext, runInContext } from "node:vm";
import fc from "fast-check";
import * as ts from "typescript";
import { programText } from "../../../cli/compose/program";
import { convert } from "../../../components/compose/convert";
import { load } from "../../../components/compose/load";
import type { Planned, PlannedTaskArgs, StackPlan } from "../../../components/compose/plan";

/** Texts that would run if they were written as they are, or end what they are written in. */
const text = fc
  .array(
    fc.oneof(
      fc.string({ minLength: 1, maxLength: 6, unit: "binary" }),
      fc.constantFrom(
        ..."...(pwned()) | ...{a:pwned()} | \n;pwned();// | \r;pwned() | */pwned()/* | `${pwned()}` | </script> | \\ | ' | \" | constructor".split(
          " | ",
        ),
        ..."toString | hasOwnProperty | [pwned()] | \\u0022,[pwned()]:\\u0022 | \u2028pwned() | \u2029pwned() | get x(){pwned()} | async | 0 | 07".split(
          " | ",
        ),
      ),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => parts.join("").replace(/\0|\p{Cs}/gu, ""))
  .filter((joined) => joined !== "" && joined !== "__proto__");
const key = text.filter((one) => !one.includes("=") && !one.startsWith("x-"));
const name = fc.oneof(
  fc.stringMatching(/^[a-z]([a-z0-9_-]{0,7}[a-z0-9])?$/),
  fc.constantFrom("constructor", "toString", "hasOwnProperty", "valueOf", "cluster", "stack"),
);

const dictionary = <T>(keys: fc.Arbitrary<string>, values: fc.Arbitrary<T>, minLength = 0) =>
  fc
    .uniqueArray(fc.tuple(keys, values), { selector: ([one]) => one, minLength, maxLength: 3 })
    .map((entries) => Object.fromEntries(entries) as Record<string, T>);
const literal = text.map((one) => one.replace(/\$/g, "$$$$"));
const pairs = dictionary(key, literal);

const service = fc.record({
  image: fc.constant("example/one:1"),
  environment: pairs,
  labels: pairs,
  sysctls: pairs,
  command: fc.array(literal, { maxLength: 2 }),
  deploy: fc.record({ labels: pairs }),
  logging: fc.record({ driver: fc.constant("local"), options: pairs }),
});

const file = fc
  .record({
    services: dictionary(name, service, 1),
    networks: dictionary(
      name,
      fc.oneof(
        fc.record({ labels: pairs, driver_opts: pairs }),
        fc.record({ external: fc.constant(true), name }),
      ),
    ),
    secrets: dictionary(
      name,
      fc.oneof(
        fc.record({ external: fc.constant(true), name: name.filter((one) => /^[a-z]/i.test(one)) }),
        fc.record({ labels: pairs, file: literal.map((path) => `/run/${path}`) }),
      ),
    ),
    configs: dictionary(name, fc.record({ content: literal, labels: pairs })),
  })
  .map(({ services, ...rest }) => {
    const [first, ...others] = Object.keys(services);
    const uses = Object.fromEntries(
      Object.entries(rest).map(([section, all]) => [section, Object.keys(all)]),
    );
    return {
      name: "shop",
      ...rest,
      services: Object.fromEntries(
        Object.entries(services).map(([one, more]) => [
          one,
          { ...more, ...uses, ...(others.includes(one) && { depends_on: [first] }) },
        ]),
      ),
    };
  });

/** Runs a program with components that only note what they are told. */
function made(program: string) {
  const found = {
    networks: {} as Record<string, unknown>,
    secrets: {} as Record<string, unknown>,
    configs: {} as Record<string, unknown>,
    services: new Map<string, unknown>(),
  };
  const ran: string[] = [];
  const onSwarm = { provider: "swarm", dependsOn: [] };
  const content = (all: Record<string, unknown>, field: string) =>
    class {
      constructor(key: string, { [field]: name, ...args }: Record<string, unknown>) {
        all[`of ${key}`] = { name, ...args };
      }
      file = (target: string, more: object = {}) => ({ target, ...more });
    };
  const modules: Record<string, unknown> = {
    vmcluster: {
      SwarmCluster: class {
        onSwarm = onSwarm;
      },
      OverlayNetwork: class {
        readonly networkId: unknown;
        constructor(key: string, { networkName, ...args }: Record<string, unknown>) {
          found.networks[`of ${key}`] = { name: networkName, args };
          this.networkId = networkName;
        }
      },
      SwarmSecret: content(found.secrets, "secretName"),
      SwarmConfig: content(found.configs, "configName"),
      SwarmService: class {
        constructor(
          readonly key: string,
          args: unknown,
          options: { dependsOn: { key: string }[] },
        ) {
          found.services.set(key, { args, dependsOn: options.dependsOn.map((other) => other.key) });
        }
      },
    },
    "@pulumi/docker": { getNetworkOutput: ({ name }: { name: string }) => ({ id: name }) },
    "@pulumi/pulumi": {
      Config: class {
        require = () => "an ID";
      },
    },
    "node:fs": { readFileSync: (path: string) => path },
    "node:path": { join: (_: string, path: string) => path.replace(/^(\.\.\/)+/, "/") },
  };
  const { outputText, diagnostics } = ts.transpileModule(program, {
    reportDiagnostics: true,
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  expect(diagnostics).toEqual([]);
  const context = createContext({
    exports: {},
    __dirname: "/here",
    pwned: () => ran.push("pwned"),
    require: (module: string) => {
      if (!Object.hasOwn(modules, module)) ran.push(module);
      return modules[module];
    },
  });
  runInContext(outputText, context, { timeout: 5000 });
  expect(ran).toEqual([]);
  return JSON.parse(JSON.stringify({ ...found, services: Object.fromEntries(found.services) })) as unknown;
}

/** The plan in the same words. */
function planned(plan: StackPlan): unknown {
  const network = new Map(Object.entries(plan.networks).map(([one, { name }]) => [one, name]));
  const own = <T extends { external: boolean }>(all: Readonly<Record<string, T>>) =>
    Object.entries(all).filter(([, { external }]) => !external);
  const data = (all: StackPlan["secrets"]) =>
    Object.fromEntries(
      own(all).map(([one, { name, file: path, content, labels }]) => [
        `of ${one}`,
        { name, data: path === undefined ? content : resolve(path), labels },
      ]),
    );
  const files = (section: "secrets" | "configs", uses: Planned<PlannedTaskArgs>["secrets"]) =>
    uses.length === 0
      ? {}
      : {
          [section]: uses.map(({ source, ...use }) => {
            const { external, name } = new Map(Object.entries(plan[section])).get(source) ?? {};
            return external ? { id: "an ID", name, ...use } : use;
          }),
        };
  return JSON.parse(
    JSON.stringify({
      networks: Object.fromEntries(
        own(plan.networks).map(([one, { name, args }]) => [`of ${one}`, { name, args }]),
      ),
      secrets: data(plan.secrets),
      configs: data(plan.configs),
      services: Object.fromEntries(
        Object.entries(plan.services).map(([one, { args, networks, secrets, configs, dependsOn }]) => [
          one,
          {
            args: {
              ...args,
              networks: networks.map(({ network: used, aliases }) => ({
                networkId: network.get(used),
                aliases,
              })),
              ...files("secrets", secrets),
              ...files("configs", configs),
            },
            dependsOn,
          },
        ]),
      ),
    }),
  );
}

it("writes no text of the file as code", () => {
  fc.assert(
    fc.property(file, (one) => {
      const loaded = load({ yaml: JSON.stringify(one), folder: "/here", variables: {} });
      const { plan } = convert(loaded, "shop");
      expect(made(programText(plan, "/here"))).toEqual(planned(plan));
    }),
    { numRuns: 150 },
  );
});
