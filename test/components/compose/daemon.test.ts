/** Compose files on a real swarm: made, without a difference for ever, changed and pruned. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { planOfState } from "../../../cli/compose/exportPlan";
import { composeText } from "../../../components/compose/write";
import { destroy, exportStack, type Operation, preview, refresh, up } from "../../../engine";
import { checkout, DaemonProject, type Told } from "../../providers/daemonProject";
import { getStarted } from "./getStarted";

jest.setTimeout(240_000);

const project = new DaemonProject("compose");
const projectDir = project.dir;
const file = join(projectDir, "compose.yml");

beforeAll(() => {
  process.env.COMPOSE_TEST_FILE = file;
  return project.start(() => `export * from "${checkout}/test/components/compose/program";\n`);
});

afterAll(async () => {
  delete process.env.COMPOSE_TEST_FILE;
  await project.remove();
});

async function run(operation: Operation): Promise<Told> {
  const told = await project.run(operation);
  return { ...told, said: told.said.map((message) => message.trim()) };
}

/** As the classic file, with an image that is here, and a folder that is. */
const classic = getStarted
  .replace(/image: .*/g, "image: test:1")
  .replace("/home/docker/data", projectDir)
  .replace("/var/run/docker.sock:", `${projectDir}:`)
  .replace("redis-server --appendonly yes", "sleep 1000");

it("makes the classic stack, and then has nothing to change", async () => {
  writeFileSync(file, classic);
  const made = await run(up);
  expect(made).toMatchObject({ result: "succeeded", said: [] });
  const services = (
    await project.daemon.docker("service", "ls", "--format", "{{.Name}} {{.Replicas}}")
  ).split("\n");
  expect(services.sort()).toEqual(["shop_redis 1/1", "shop_visualizer 1/1", "shop_web 5/5"]);
  expect(await project.daemon.docker("stack", "ls", "--format", "{{.Name}} {{.Services}}")).toBe("shop 3");
  expect((await run(preview)).changes).toEqual({ same: made.changes.create });
  expect(await run(refresh)).toMatchObject({ result: "succeeded", said: [] });
  expect((await run(preview)).changes).toEqual({ same: made.changes.create });
});

it("deletes a service that is no longer in the file, and nothing else", async () => {
  writeFileSync(file, classic.replace(/ {2}visualizer:[\s\S]*?(?= {2}redis:)/, ""));
  const pruned = await run(up);
  expect(pruned.steps.sort()).toEqual(["delete shop-visualizer", "delete shop-visualizer-service"]);
  expect(await project.daemon.docker("stack", "ls", "--format", "{{.Name}} {{.Services}}")).toBe("shop 2");
});

it("makes what else there is in a file, and then has nothing to change", async () => {
  await project.daemon.docker("network", "create", "-d", "overlay", "outside");
  writeFileSync(join(projectDir, "site.conf"), "listen 80\n");
  writeFileSync(join(projectDir, "app.env"), "A=from file\nB=2\n");
  writeFileSync(
    file,
    `
x-shared: &shared
  image: \${IMAGE}
  deploy: { replicas: 0 }
services:
  db:
    <<: *shared
    env_file: app.env
    environment: [B=3, "C=\${MISSING:-else}"]
    volumes:
      - data:/var/lib/db
      - type: tmpfs
        target: /run
        tmpfs: { size: 16m }
    secrets: [password]
    networks: { back: { aliases: [database] }, outside: {} }
    healthcheck: { test: "true", interval: 90s }
  app:
    extends: { service: db }
    depends_on: { db: { condition: service_healthy } }
    configs: [{ source: site, target: /etc/site, mode: 0440 }]
    ports: ["8000-8001:8000-8001/udp"]
    restart: on-failure:3
    container_name: app
volumes:
  data: { driver: local, driver_opts: { type: tmpfs, device: tmpfs }, labels: [a=b] }
networks:
  back:
    driver: overlay
    driver_opts: { encrypted: "", com.docker.network.driver.mtu: "1400" }
    internal: true
    ipam: { config: [{ subnet: 10.77.0.0/24 }] }
  outside: { external: true }
secrets:
  password: { environment: IMAGE }
configs:
  site: { file: site.conf }
`,
  );
  const made = await run(up);
  expect(made).toMatchObject({
    result: "succeeded",
    said: [
      expect.stringMatching(/compose\.yml:24: services\.app\.container_name: is ignored: tasks have names/),
    ],
  });
  const { Spec: spec } = (
    await project.daemon.json<{ Spec: object }[]>("service", "inspect", "shop_app")
  )[0] as {
    Spec: object;
  };
  expect(spec).toMatchObject({
    Labels: { "com.docker.stack.namespace": "shop", "com.docker.stack.image": "test:1" },
    TaskTemplate: {
      RestartPolicy: { Condition: "on-failure", MaxAttempts: 3 },
      ContainerSpec: {
        Env: ["A=from file", "B=3", "C=else"],
        Labels: { "com.docker.stack.namespace": "shop" },
        Mounts: [
          { Type: "volume", Source: "shop_data", Target: "/var/lib/db" },
          { Type: "tmpfs", Target: "/run" },
        ],
        Healthcheck: { Test: ["CMD-SHELL", "true"], Interval: 90e9 },
      },
    },
  });
  const again = await run(preview);
  expect(again.steps).toEqual([]);
  expect(await run(refresh)).toMatchObject({ result: "succeeded" });
  expect((await run(preview)).changes.same).toBe(again.changes.same);

  const { deployment } = await exportStack({ ...project.options, showSecrets: true });
  const text = composeText(planOfState(deployment).plan);
  expect(parse(text)).toMatchObject({
    name: "shop",
    services: {
      app: {
        environment: { A: "from file", B: "3", C: "else" },
        secrets: [{ source: "password", target: "password" }],
        networks: { back: { aliases: ["database"] } },
      },
    },
    networks: { back: { internal: true, ipam: { config: [{ subnet: "10.77.0.0/24" }] } } },
    secrets: { password: { external: true, name: expect.stringMatching(/^shop_password-[0-9a-f]{12}$/) } },
    configs: { site: { content: "listen 80\n" } },
  });
});

it("runs its jobs, in order, again when they change, and what waits for them after", async () => {
  const jobs = (word: string): string => `
services:
  late: { image: "test:1", depends_on: { migrate: { condition: service_completed_successfully } } }
  migrate:
    image: test:1
    command: [sh, -c, 'test "$$(ulimit -n)" = 77 && echo ${word}']
    ulimits: { nofile: { soft: 77, hard: 99 } }
    configs: [page]
    deploy: { mode: replicated-job, replicas: 2 }
configs: { page: { content: one } }
`;
  writeFileSync(file, jobs("first"));
  const made = await run(up);
  expect(made).toMatchObject({ result: "succeeded", said: [] });
  const done = made.steps.filter((step) => /^create shop-(late-service|migrate-job)$/.test(step));
  expect(done).toEqual(["create shop-migrate-job", "create shop-late-service"]);
  const inspected = (format: string) =>
    project.daemon.json<object>("service", "inspect", "shop_migrate", "--format", `{{json ${format}}}`);
  expect(await inspected(".Spec.Mode")).toEqual({ ReplicatedJob: { TotalCompletions: 2, MaxConcurrent: 2 } });
  const states = await project.daemon.docker(
    "service",
    "ps",
    "shop_migrate",
    "--format",
    "{{.CurrentState}}",
  );
  expect(states.split("\n").map((state) => state.split(" ")[0])).toEqual(["Complete", "Complete"]);
  expect((await run(preview)).changes).toEqual({ same: expect.any(Number) });

  writeFileSync(file, jobs("second"));
  expect(await run(up)).toMatchObject({ result: "succeeded", steps: ["update shop-migrate-job"] });
  expect(await inspected(".JobStatus.JobIteration.Index")).toBeGreaterThan(0);

  const { deployment } = await exportStack({ ...project.options, showSecrets: true });
  const { plan, notes } = planOfState(deployment);
  expect(notes).toEqual([]);
  expect(parse(composeText(plan))).toMatchObject({
    services: {
      late: { image: "test:1" },
      migrate: {
        command: ["sh", "-c", 'test "$$(ulimit -n)" = 77 && echo second'],
        ulimits: { nofile: { soft: 77, hard: 99 } },
        configs: [{ source: "page", target: "/page" }],
        deploy: { mode: "replicated-job", replicas: 2, restart_policy: { condition: "none" } },
      },
    },
    configs: { page: { content: "one" } },
  });
});

it("puts services on networks of the nodes, and takes them off", async () => {
  const agent = (networks: string) => `
services:
  agent: { image: "test:1", command: [sh, -c, "trap true TERM; sleep 1000 & wait"], networks: ${networks} }
  once:
    image: test:1
    command: ["true"]
    networks: ${networks}
    deploy: { mode: replicated-job, restart_policy: { condition: none } }
networks: { node: { name: host, external: true }, back: {} }
`;
  const container = ["--filter", "label=com.docker.swarm.service.name=shop_agent"];
  for (const [networks, name] of [
    ["[node]", "host"],
    ["[back]", "shop_back"],
    ["[node]", "host"],
  ] as const) {
    writeFileSync(file, agent(networks));
    expect(await run(up)).toMatchObject({ result: "succeeded", said: [] });
    expect(await project.daemon.docker("ps", ...container, "--format", "{{.Networks}}")).toBe(name);
    expect((await run(preview)).steps).toEqual([]);
    expect(await run(refresh)).toMatchObject({ result: "succeeded", said: [] });
    expect((await run(preview)).steps).toEqual([]);
  }
});

it("refuses a wrong file by its line before anything is changed", async () => {
  writeFileSync(file, "services:\n  web:\n    image: test:1\n    prots: [80]\n  db:\n    ports: [nine]\n");
  const refused = await run(up);
  expect(refused).toMatchObject({ result: "failed", steps: [] });
  expect(refused.said.join("\n")).toMatch(
    /compose\.yml:4: services\.web\.prots: there is no such field here/,
  );
  expect(refused.said.join("\n")).toMatch(/compose\.yml:6: services\.db\.ports\.0: /);
});

/** Steps of resources that a provider has. */
const ofProviders = (steps: readonly string[]): string[] =>
  steps.filter((step) => /-(service|job|network|secret|config)$/.test(step)).sort();

it("takes the steps that Pulumi takes with its own plugins, as recorded in stages/pulumi.json", async () => {
  await run(destroy);
  const stages = join(checkout, "test/components/compose/stages");
  const { steps } = JSON.parse(readFileSync(join(stages, "pulumi.json"), "utf8")) as {
    steps: Record<"first" | "second" | "destroy", string[]>;
  };
  for (const stage of ["first", "second"] as const) {
    process.env.COMPOSE_TEST_FILE = join(stages, `${stage}.yml`);
    const made = await run(up);
    expect(made).toMatchObject({ result: "succeeded", said: [] });
    expect(ofProviders(made.steps)).toEqual(steps[stage]);
    expect((await run(preview)).changes).toEqual({ same: expect.any(Number) });
    expect(await run(refresh)).toMatchObject({ result: "succeeded", said: [] });
    expect((await run(preview)).changes).toEqual({ same: expect.any(Number) });
  }
  const gone = await run(destroy);
  process.env.COMPOSE_TEST_FILE = file;
  expect(gone).toMatchObject({ result: "succeeded" });
  expect(ofProviders(gone.steps)).toEqual(steps.destroy);
});

it("leaves nothing", async () => {
  expect(await run(destroy)).toMatchObject({ result: "succeeded" });
  expect(await project.daemon.docker("service", "ls", "-q")).toBe("");
});
