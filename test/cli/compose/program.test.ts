/** Programs written of compose files: they compile, are formatted, and make what ComposeStack makes; what is exported is the file again. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import * as ts from "typescript";
import { planOfState } from "../../../cli/compose/exportPlan";
import { programText } from "../../../cli/compose/program";
import { convert } from "../../../components/compose/convert";
import { load } from "../../../components/compose/load";
import type { PlannedData, StackPlan } from "../../../components/compose/plan";
import { composeText } from "../../../components/compose/write";
import { isMachineName } from "../../../machine/spec";
import { folder, publicFiles, refused, variables } from "../../components/compose/publicFiles";
import { Recorder, type Registered } from "../../components/mocks";

const recorder = new Recorder();
recorder.start();

import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as vmcluster from "../../../index";

const checkout = resolve(__dirname, "../../..");
const scratch = mkdtempSync(join(tmpdir(), "vmcluster-program-"));
beforeAll(() => Object.assign(process.env, variables));
afterAll(() => rmSync(scratch, { recursive: true }));

const more = `
name: forms
services:
  one:
    image: example/one:1
    environment: { PRICE: "5$$", QUOTE: 'a "b" \\ c' }
    secrets: [{ source: token, uid: "10", mode: 0400 }, outside]
    configs: [{ source: page, target: /page }]
    networks: { a: { aliases: [uno] }, host: null }
    depends_on: [two-b]
    healthcheck: { test: [CMD, "true"], interval: 90s, retries: 3 }
    deploy:
      mode: global
      update_config: { order: start-first, max_failure_ratio: 0.3 }
      resources: { limits: { cpus: "0.25", memory: 64.5M } }
      placement: { constraints: [node.role==worker], preferences: [{ spread: node.labels.zone }] }
  two-b:
    image: example/two:1
    volumes: [data:/data, "old:/old:ro", { type: tmpfs, target: /t, tmpfs: { size: 16m, mode: 0770 } }]
    logging: { driver: local }
    restart: "no"
    tty: true
    security_opt: [no-new-privileges:true]
    pids_limit: 50
  migrate:
    image: example/one:1
    command: [migrate, "$$1"]
    networks: [a]
    secrets: [token]
    ulimits: { nofile: { soft: 10, hard: -1 } }
    depends_on: [two-b]
    deploy: { mode: replicated-job, replicas: 3, restart_policy: { condition: on-failure, max_attempts: 2 } }
  everywhere:
    image: example/one:1
    networks: [a]
    depends_on: { migrate: { condition: service_completed_successfully } }
    deploy: { mode: global-job, restart_policy: { condition: none } }
volumes: { data: { labels: { a: b } }, old: { external: true } }
networks:
  a: { internal: true, driver_opts: { encrypted: "" }, ipam: { config: [{ subnet: 10.9.0.0/24 }] } }
  host: { external: true, name: host }
secrets: { token: { environment: HOME }, outside: { external: true, name: theirs } }
configs: { page: { content: "one\\ntwo $$x\\n" } }
`;

const planOf = (path: string): StackPlan =>
  convert(
    load(path === "forms" ? { yaml: more, folder: scratch } : { files: [join(folder, path)], variables }),
    "shop",
  ).plan;

const paths = ["forms", ...publicFiles.filter((path) => refused[path] === undefined)];
const programs = new Map(
  paths.map((path) => [
    path,
    programText(planOf(path), path === "forms" ? scratch : dirname(join(folder, path))),
  ]),
);

it("writes programs that compile under strict", () => {
  const files = [...programs].map(([path, text]) => {
    const file = join(scratch, "compiled", `${path.replaceAll("/", "-")}.ts`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  });
  const program = ts.createProgram(files, {
    strict: true,
    noEmit: true,
    noUnusedLocals: true,
    exactOptionalPropertyTypes: false,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.Node16,
    moduleResolution: ts.ModuleResolutionKind.Node16,
    types: ["node"],
    typeRoots: [join(checkout, "node_modules/@types")],
    paths: {
      vmcluster: [join(checkout, "index.ts")],
      "@pulumi/*": [join(checkout, "node_modules/@pulumi/*")],
    },
  });
  const said = files.flatMap((file) => [
    ...program.getSyntacticDiagnostics(program.getSourceFile(file)),
    ...program.getSemanticDiagnostics(program.getSourceFile(file)),
  ]);
  expect(said.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"))).toEqual([]);
});

it.each(paths)("writes the program of %s as a formatter would", (path) => {
  const text = programs.get(path) as string;
  const { stdout } = spawnSync(
    join(checkout, "node_modules/.bin/biome"),
    ["format", "--stdin-file-path=program.ts"],
    {
      cwd: checkout,
      input: text,
      encoding: "utf8",
    },
  );
  expect(text).toBe(stdout);
});

it.each([
  ["my_app", "my-app"],
  ["MyApp", "myapp"],
  ["a_very-long_name-of_a_stack-that_goes-on", "a-very-long-name-of-a-stac"],
  ["twenty-five-letters-and-a_b", "twenty-five-letters-and-a"],
  ["0_", "0"],
])("calls the cluster of the stack %s %s, which machines may be called", (stack, name) => {
  const text = programText({ ...planOf("forms"), name: stack }, scratch);
  expect(text).toContain(`new SwarmCluster("${name}"`);
  expect(isMachineName(`${name}-vm1`)).toBe(true);
  expect(text).toContain(`"com.docker.stack.namespace": "${stack}"`);
});

it("names networks of the nodes", () => {
  expect(programs.get("forms")).toContain('const hostNetwork = nodeNetworkId("host", cluster.onSwarm);');
  expect(programs.get("forms")).toContain("{ networkId: hostNetwork }");
  expect(programs.get("forms")).not.toContain("getNetworkOutput");
});

const onSwarm = (): docker.Provider => new docker.Provider("swarm", { host: "ssh://lab" });
const config = (name: string) => `config-of-${name}`;

/** Runs code with the components of this checkout. */
function evaluate(text: string, where: string): void {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
  });
  const find = (name: string): unknown => {
    if (name === "vmcluster") return vmcluster;
    if (name === "node:fs") return { readFileSync: (file: string) => file };
    if (name === "@pulumi/pulumi")
      return {
        Config: class {
          require = config;
        },
      };
    return require(name) as unknown;
  };
  new Function("require", "exports", "__dirname", outputText)(find, {}, where);
}

/** The verb of a machine command that makes something of a compose file. */
const made = ({ create }: Registered["inputs"]): string | undefined =>
  create === "swarm-job" || create === "swarm-service" ? create : undefined;

/** What `make` registers with Docker, without the names of resources. */
async function registered(make: () => void): Promise<Registered[]> {
  const before = recorder.resources.length;
  // Each is a program of its own.
  recorder.start();
  make();
  let last = -1;
  while (last !== recorder.resources.length) {
    last = recorder.resources.length;
    await new Promise((done) => setTimeout(done, 60));
  }
  return recorder.resources
    .slice(before)
    .filter(({ type, inputs }) => /^docker:index/.test(type) || made(inputs) !== undefined);
}

/** By name in the swarm; IDs, which hold the resources' names here, as the names. */
function byName(all: readonly Registered[]): Record<string, unknown> {
  const names = new Map(all.map(({ name, inputs }) => [`${name}-id`, String(plain(inputs.name))]));
  const normal = (value: unknown): unknown => {
    const open = plain(value);
    if (typeof open === "string") return names.get(open) ?? open;
    // The order of labels says nothing.
    if (Array.isArray(open))
      return open.map(normal).sort((one, other) => labelOf(one).localeCompare(labelOf(other)));
    if (typeof open !== "object" || open === null) return open;
    return Object.fromEntries(Object.entries(open).map(([key, one]) => [key, normal(one)]));
  };
  const labelOf = (value: unknown): string => (value as { label?: string } | null)?.label ?? "";
  return Object.fromEntries(
    all.map(({ type, inputs }) => {
      const verb = made(inputs);
      if (verb === undefined) return [`${type} ${String(plain(inputs.name))}`, normal(inputs)] as const;
      const { host: _, ...job } = JSON.parse(String(plain(inputs.stdin))) as {
        host: string;
        service: { name: string };
      };
      return [`${verb} ${job.service.name}`, normal(job)] as const;
    }),
  );
}

/** Without the mark of a secret. */
const plain = (value: unknown): unknown =>
  typeof value === "object" &&
  value !== null &&
  "value" in value &&
  "4dabf18193072939515e22adb298388d" in value
    ? (value as { value: unknown }).value
    : value;

/** With files that the projects have and the tests have not: their paths are their contents. */
function contents(plan: StackPlan): StackPlan {
  const change = (all: StackPlan["secrets"]) =>
    Object.fromEntries(
      Object.entries(all).map(([key, { file, ...one }]): [string, PlannedData] => [
        key,
        file === undefined ? one : { ...one, content: file },
      ]),
    );
  return { ...plan, secrets: change(plan.secrets), configs: change(plan.configs) };
}

const external = (plan: StackPlan) => {
  const ids = (all: StackPlan["secrets"], suffix: string) =>
    Object.fromEntries(
      Object.entries(all)
        .filter(([, one]) => one.external)
        .map(([key, one]) => [one.name, config(`${key}${suffix}Id`)]),
    );
  return {
    externalNetworks: Object.fromEntries(
      Object.values(plan.networks)
        .filter((one) => one.external)
        .map(({ name }) => [name, name]),
    ),
    externalSecrets: ids(plan.secrets, "Secret"),
    externalConfigs: ids(plan.configs, "Config"),
  };
};

async function ofStack(name: string, plan: StackPlan): Promise<Registered[]> {
  const yaml = composeText(contents(plan));
  return registered(
    () =>
      void new vmcluster.ComposeStack(
        name,
        { yaml, folder: scratch, variables, ...external(plan) },
        { provider: onSwarm() },
      ),
  );
}

describe.each(paths)("%s", (path) => {
  const plan = planOf(path);

  it("makes the same by its program", async () => {
    const text = (programs.get(path) as string).replace(
      /docker\.getNetworkOutput\(\{ name: "([^"]*)" \}.*\)/g,
      '{ id: "$1" }',
    );
    const byProgram = await registered(() => evaluate(text, dirname(join(folder, path))));
    const services = (all: Record<string, unknown>) =>
      Object.fromEntries(Object.entries(all).filter(([key]) => !/providers/.test(key)));
    expect(services(byName(byProgram))).toEqual(byName(await ofStack(`of-${path}`, plan)));
  });

  it("is exported as the same", async () => {
    const resources = (await ofStack(`export-${path}`, plan)).map(({ type, name, inputs }) => ({
      custom: true,
      type,
      id: `${name}-id`,
      inputs: opened(inputs),
    }));
    const { plan: exported } = planOfState({ resources });
    const again = convert(load({ yaml: composeText(exported), folder: scratch, variables: {} }), "x").plan;
    expect(comparable(again)).toEqual(comparable(contents(plan)));
  });
});

function opened(value: unknown): unknown {
  const open = plain(value);
  if (Array.isArray(open)) return open.map(opened);
  if (typeof open !== "object" || open === null) return open;
  return Object.fromEntries(Object.entries(open).map(([key, one]) => [key, opened(one)]));
}

/** Without what a state does not say: contents and names of secrets, the order of creation, and what is the default. */
function comparable(plan: StackPlan): unknown {
  return {
    ...plan,
    networks: Object.values(plan.networks)
      .filter((one) => !one.external)
      .map(({ name, args: { attachable, internal, ...args } }) => ({
        name,
        ...args,
        attachable: attachable || undefined,
        internal: internal || undefined,
      })),
    secrets: Object.keys(plan.secrets).length,
    configs: Object.values(plan.configs).filter((one) => !one.external),
    jobs: Object.fromEntries(
      Object.entries(plan.jobs).map(([key, { args, networks }]) => [
        key,
        { ...args, networks: networks.map(({ aliases }) => aliases) },
      ]),
    ),
    services: Object.fromEntries(
      Object.entries(plan.services).map(([key, { args, networks, secrets, configs }]) => [
        key,
        {
          ...args,
          mode: args.mode === "global" ? "global" : undefined,
          replicas: args.replicas === 1 ? undefined : args.replicas,
          endpointMode: args.endpointMode === "vip" ? undefined : args.endpointMode,
          capAdd: args.capAdd?.map((one) => `CAP_${one.replace(/^CAP_/, "")}`),
          capDrop: args.capDrop?.map((one) => (one === "ALL" ? one : `CAP_${one.replace(/^CAP_/, "")}`)),
          restartPolicy: undefined,
          updateConfig: undefined,
          rollbackConfig: undefined,
          healthCheck: args.healthCheck?.test,
          networks: networks.map(({ aliases }) => aliases),
          secrets: secrets.map(({ source: _, ...use }) => use),
          configs: configs.map(({ source: _, ...use }) => use),
        },
      ]),
    ),
  };
}

it("exports what a job has in its state: a secret makes variables, what compose has no field for is said", async () => {
  const made = await registered(
    () =>
      void new vmcluster.SwarmJob(
        "count",
        {
          image: "example/one:1",
          env: { TOKEN: pulumi.secret("hush") },
          completions: 4,
          concurrency: 2,
          runAgain: "2",
        },
        { provider: onSwarm() },
      ),
  );
  const marked = made.map(({ type, name, inputs }) => ({
    custom: true,
    type,
    id: name,
    inputs: {
      ...inputs,
      stdin: {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        plaintext: JSON.stringify(plain(inputs.stdin)),
      },
    },
  }));
  const { plan, notes } = planOfState({ resources: marked });
  expect(notes).toEqual([
    "services.count: secrets are variables in the file: TOKEN",
    "services.count: a compose file has no field for concurrency and runAgain of a job",
  ]);
  const text = composeText(plan);
  expect(text).not.toContain("hush");
  expect(text).toMatch(/TOKEN: \$\{TOKEN:\?\}/);
  expect(convert(load({ yaml: text, variables: { TOKEN: "t" } }), "x").plan.jobs.count?.args).toMatchObject({
    completions: 4,
    env: { TOKEN: "t" },
  });
});

it("exports the services of one swarm stack, if there is such a one", () => {
  const resources = ["shop", "news"].map((name) => ({
    custom: true,
    type: "docker:index/service:Service",
    id: name,
    inputs: {
      name: `${name}_web`,
      labels: [{ label: "com.docker.stack.namespace", value: name }],
      taskSpec: { containerSpec: { image: "web:1", env: { ANSWER: "no", AT: "0:30" } } },
    },
  }));
  expect(() => planOfState({ resources })).toThrow("the services are of several stacks");
  expect(() => planOfState({ resources }, "none")).toThrow("there are no services of the stack none");
  expect(() => planOfState({ resources: resources.slice(1) }, "none")).toThrow("of the stack none");
  const text = composeText(planOfState({ resources }, "news").plan);
  // As YAML 1.1, which Docker's tools read, they would be false and 30.
  expect(text).toMatch(/^name: news\n[\s\S]*ANSWER: "no"\n +AT: "0:30"\n/);
});
