// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose files are written so
/** Small files, in `cases/`, of which compose-go and `docker stack config` say what is right. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { config } from "../../../cli/compose/commands";
import { planOfState } from "../../../cli/compose/exportPlan";
import { programText } from "../../../cli/compose/program";
import { convert } from "../../../components/compose/convert";
import { load } from "../../../components/compose/load";
import { warningText } from "../../../components/compose/place";
import type { StackPlan } from "../../../components/compose/plan";
import { composeText } from "../../../components/compose/write";

const cases = join(__dirname, "cases");

type Plain = Record<string, unknown>;

interface Read extends Record<"services" | "networks" | "volumes" | "secrets", Record<string, Plain>> {
  readonly plan: StackPlan;
  readonly warnings: readonly string[];
  readonly error: string;
}

/** What `compose config` prints of the files in a folder, and what it warns of; or its error. */
function read(name: string, variables: Record<string, string> = {}): Read {
  const folder = join(cases, name);
  const files = ["compose.yml", "override.yml", "_infra/compose.yml"]
    .map((file) => join(folder, file))
    .filter(existsSync);
  try {
    const loaded = load({ files: name.startsWith("folder") ? files.slice(1) : files, variables });
    const { plan, warnings } = convert(loaded, "test");
    const text = composeText(plan);
    const file = parse(text) as Record<
      "services" | "networks" | "volumes" | "secrets",
      Record<string, Plain>
    >;
    return { ...file, plan, warnings: warnings.map(warningText).map(short), error: "" };
  } catch (error) {
    return { error: short((error as Error).message) } as Read;
  }
}

const short = (text: string): string => text.replace(/[^\s"]*\/(?=[\w.]+\.yml:)/g, "");

const said: [string, string][] = [
  [
    "alias-bomb",
    "compose.yml:8: up to here the file has more than 500000 values, as its aliases stand for many",
  ],
  ["alias-of-itself", "compose.yml:5: *api contains itself"],
  [
    "external-volume-with-driver",
    "compose.yml:6: volumes.data.driver: an external volume is there already: only its name can be given",
  ],
  [
    "line-of-item-in-environment",
    'compose.yml:7: services.api.environment.2: must be a text such as "KEY=value"',
  ],
  [
    "memory-below-four-mib",
    "compose.yml:6: services.api.deploy.resources.limits.memory: must be at least 4M",
  ],
  [
    "nothing-active",
    "compose.yml:1: services: all services have profiles, of which none is asked for: --profile prod (profiles of ComposeStack)",
  ],
  [
    "place-of-scale",
    "compose.yml:4: services.api.scale: a global service has one task on every node: replicas are not allowed",
  ],
  [
    "port-message-twice",
    'compose.yml:4: services.api.ports.0: "99999:80" holds "99999", which is no port: ports are 1 to 65535\n' +
      'compose.yml:4: services.api.ports.1: "abc" is no port: ports are 1 to 65535',
  ],
  [
    "required-variables-one-by-one",
    "compose.yml:5: services.api.environment.A: the variable A is required: give A\n" +
      "compose.yml:6: services.api.environment.B: the variable B is required: give B",
  ],
];
it.each(said)("refuses %s", (name, error) => expect(read(name).error).toBe(error));

const warned: [string, RegExp[]][] = [
  [
    "bind-volume-relative-device",
    [/^compose\.yml:6: volumes\.data\.driver_opts\.device: it is \/.*\/data on the node/],
  ],
  [
    "depends-on-inactive-profile",
    [
      /^compose\.yml:2: services\.api\.depends_on\.db: is ignored: db is not made, as it has the profile local/,
    ],
  ],
  [
    "pre-start-hook",
    [
      /^compose\.yml:4: services\.api\.pre_start: is ignored/,
      /^compose\.yml:5: services\.api\.post_start: is ignored/,
    ],
  ],
  [
    "published-range-long-form",
    [/^compose\.yml:5: services\.api\.ports\.0\.published: 8080 is taken of 8080-8090/],
  ],
];
it.each(warned)("warns of %s by its line", (name, patterns) => {
  expect(read(name).warnings).toEqual(patterns.map((pattern) => expect.stringMatching(pattern)));
});

const right: [string, (file: Read) => unknown, unknown, Record<string, string>?][] = [
  [
    "bind-volume-relative-device",
    ({ volumes }) => volumes.data?.driver_opts,
    { type: "none", o: "bind", device: join(cases, "bind-volume-relative-device/data") },
  ],
  ["braces-in-default-set", ({ plan }) => plan.services.api?.args.env, { LIMITS: "[2]" }, { LIMITS: "[2]" }],
  ["braces-in-default-set", ({ plan }) => plan.services.api?.args.env, { LIMITS: '{"commits":1}' }],
  [
    "dollar-in-env-file",
    ({ plan }) => plan.services.api?.args.env,
    { PASSWORD: "ab$!cd", PATTERN: "^/health$" },
  ],
  [
    "empty-key-in-override",
    ({ services }) => services.api,
    {
      image: "api:1",
      environment: { DB: "db" },
      networks: { private: null },
      secrets: [{ source: "token", target: "token" }],
      ports: [{ target: 80, published: 80, protocol: "tcp", mode: "ingress" }],
    },
  ],
  ["env-file-text-over-text", ({ services }) => services.api?.environment, { LEVEL: "info", REGION: "eu" }],
  [
    "ipam-same-subnet",
    ({ networks }) => networks.back?.ipam,
    { config: [{ subnet: "10.50.0.0/16", gateway: "10.50.0.1", ip_range: "10.50.7.0/24" }] },
  ],
  [
    "network-labels-list-and-map",
    ({ networks }) => networks.back?.labels,
    { owner: "team-a", tier: "front" },
  ],
  [
    "published-range-long-form",
    ({ services }) => services.api?.ports,
    [{ target: 80, published: 8080, protocol: "tcp", mode: "ingress" }],
  ],
  [
    "published-zero",
    ({ services }) => services.api?.ports,
    [{ target: 80, protocol: "tcp", mode: "ingress" }],
  ],
  ["reset-of-what-is-not-there", ({ services }) => services.api, { image: "api:1" }],
  [
    "secret-target-default-and-written",
    ({ services }) => services.api?.secrets,
    [
      { source: "db_test", target: "/run/secrets/db" },
      { source: "mail", target: "mail" },
    ],
  ],
  ["secret-name-of-52-to-64", ({ error }) => error, ""],
  [
    "service-called-constructor",
    ({ services }) => services,
    { constructor: { image: "api:1" }, web: { image: "web:1", depends_on: ["constructor"] } },
  ],
  [
    "service-called-constructor",
    ({ plan }) => /dependsOn.*/.exec(programText(plan, "/"))?.[0],
    "dependsOn: [...cluster.onSwarm.dependsOn, constructorService] },",
  ],
  [
    "tmpfs-text-extends",
    ({ services }) => services.api?.volumes,
    [
      { type: "tmpfs", target: "/run" },
      { type: "tmpfs", target: "/tmp" },
    ],
  ],
  ["two-documents", ({ services }) => services, { api: { image: "api:1" }, db: { image: "db:1" } }],
  [
    "volume-names-collide",
    ({ services, volumes }) => [services.db?.volumes, volumes],
    [
      [
        { type: "volume", target: "/new", source: "data" },
        { type: "volume", target: "/old", source: "data_2" },
      ],
      { data: {}, data_2: { name: "data", external: true } },
    ],
  ],
  [
    "import-secret-from-dotenv",
    ({ plan }) => /data: [^)]*\)+/.exec(programText(plan, join(cases, "import-secret-from-dotenv")))?.[0],
    'data: fromEnvironment("TOKEN", __dirname)',
  ],
  [
    "import-secret-from-dotenv",
    ({ plan }) =>
      /data: [^)]*\)+/.exec(programText(plan, cases, join(cases, "import-secret-from-dotenv")))?.[0],
    'data: fromEnvironment("TOKEN", join(__dirname, "import-secret-from-dotenv"))',
  ],
];
it.each(right.map(([name, part, expected, variables = {}]) => [name, part, expected, variables] as const))(
  "reads %s as it is meant",
  (name, part, expected, variables) => {
    const file = read(name, variables);
    expect(name === "secret-name-of-52-to-64" ? "" : file.error).toBe("");
    expect(part(file)).toEqual(expected);
  },
);

/** 400 services, each with aliases of what has 40 variables. */
const many = (services: number, extended = false): string =>
  [
    "x-log: &log { driver: json-file, options: { max-size: 10m } }",
    "x-env: &env",
    ...Array.from({ length: 40 }, (_, index) => `  VAR_${index}: "\${V${index}:-value ${index}}"`),
    "services:",
    ...Array.from({ length: services }, (_, index) =>
      extended
        ? `  svc${index}: { extends: { file: base.yml, service: base }, labels: [n=${index}] }`
        : `  svc${index}: { image: "i:1", environment: { <<: *env, OWN: "${index}" }, logging: *log }`,
    ),
  ].join("\n");

/** Processor time of reading a text, in a process that has read others. */
function cost(yaml: string, folder: string): number {
  const start = process.cpuUsage();
  convert(load({ yaml, folder, variables: {} }), "test");
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

it("takes time as the file grows, not as its square (slow-aliases)", () => {
  const folder = mkdtempSync(join(tmpdir(), "vmcluster-many-"));
  try {
    writeFileSync(join(folder, "base.yml"), many(1000).replace("  svc0:", "  base:"));
    for (const extended of [false, true]) {
      cost(many(100, extended), folder);
      const [small, large] = [cost(many(200, extended), folder), cost(many(1600, extended), folder)];
      // Eight times as much; the square would be 64 times.
      expect(large).toBeLessThan(Math.max(small, 0.05) * 24);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("calls a stack as its folder without what no name starts with (folder-with-leading-underscore)", async () => {
  const printed: string[] = [];
  const write = jest
    .spyOn(process.stdout, "write")
    .mockImplementation((text) => printed.push(String(text)) > 0);
  try {
    const file = join(cases, "folder-with-leading-underscore/_infra/compose.yml");
    expect(await config({}, file)).toBe(0);
  } finally {
    write.mockRestore();
  }
  expect(parse(printed.join(""))).toMatchObject({ name: "infra", services: { api: { image: "api:1" } } });
});

it("says that a state has no names of external networks (export-external-network-by-id)", () => {
  const { plan } = read("export-external-network-by-id");
  expect(plan.networks).toEqual({ public: { name: "traefik-public", external: true, args: {} } });
  const id = "k2j9vq0y3m4n5p6q7r8s9t0u1";
  const service = {
    name: "shop_web",
    labels: [{ label: "com.docker.stack.namespace", value: "shop" }],
    taskSpec: {
      containerSpec: { image: "web:1" },
      networksAdvanceds: [{ name: id, aliases: ["web"] }],
    },
  };
  const resources = [{ custom: true, type: "docker:index/service:Service", id: "s1", inputs: service }];
  const exported = planOfState({ resources });
  expect(exported.notes).toEqual([
    `networks.${id} is external, and the state has its ID only: write its name in the place of the ID`,
  ]);
  const file = parse(composeText(exported.plan));
  expect(file.networks).toEqual({ [id]: { name: id, external: true } });
  expect(file.services.web.networks).toEqual({ [id]: null });
});

it("has a test for each folder", () => {
  const tested = new Set([...said, ...warned, ...right].map(([name]) => name));
  const elsewhere = ["export-external-network-by-id", "folder-with-leading-underscore"];
  const all = execFileSync("ls", [cases], { encoding: "utf8" }).trim().split("\n");
  expect(all.filter((name) => !tested.has(name) && !elsewhere.includes(name))).toEqual([]);
});
