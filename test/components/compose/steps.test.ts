// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose files are written so
/** The steps from a file to what is made of it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { convert } from "../../../components/compose/convert";
import { dataOf } from "../../../components/compose/data";
import { interpolate } from "../../../components/compose/interpolate";
import { load } from "../../../components/compose/load";
import { warningText } from "../../../components/compose/place";
import type { PlannedData } from "../../../components/compose/plan";
import { words } from "../../../components/compose/words";
import { args, folder, read, service } from "./converted";

const variables = { get: (name: string) => ({ A: "a", EMPTY: "", "x-y": "no" })[name] };

it.each([
  ["$A/${A}", "a/a"],
  ["$$A $${A}", "$A ${A}"],
  ["${EMPTY:-e}${EMPTY-e}", "e"],
  ["${NONE-$A${NONE:-b}}", "ab"],
  ["${A:+yes}${NONE:+no}${EMPTY+set}", "yesset"],
  ["${A:?must}", "a"],
])("replaces variables in %s", (text, result) => expect(interpolate(text, variables)).toBe(result));

it.each([
  ["${NONE:?say why}", /the variable NONE is required: say why/],
  ["cost: 5$", /a \$ must stand before a variable/],
  ["${A", /is not closed/],
  ["${A!b}", /is no variable/],
])("refuses the variables in %s", (text, message) =>
  expect(() => interpolate(text, variables)).toThrow(message),
);

it.each([
  ["redis-server --appendonly yes", ["redis-server", "--appendonly", "yes"]],
  [`sh -c 'a "b"' "c\\"d" e\\ f ""`, ["sh", "-c", 'a "b"', 'c"d', "e f", ""]],
])("splits %s into words", (line, found) => expect(words(line)).toEqual(found));

it.each([
  ['ports: ["80"]', [{ target: 80 }]],
  ["ports: [8080:80/udp]", [{ target: 80, published: 8080, protocol: "udp" }]],
  [
    "ports: [8000-8001:80-81]",
    [
      { target: 80, published: 8000 },
      { target: 81, published: 8001 },
    ],
  ],
  ["ports: [{ target: 80, published: '8080', mode: host }]", [{ target: 80, published: 8080, mode: "host" }]],
])("reads %s", (text, ports) =>
  expect(args(text)?.ports).toEqual(ports.map((port) => ({ protocol: "tcp", mode: "ingress", ...port }))),
);

it("reads volumes in all their forms", () => {
  const { plan, warnings } = service(
    "volumes: [/anon, data:/data:ro, /etc/x:/x:rslave, ./here:/here, {type: bind, source: /a, target: /b}]\ntmpfs: /run:size=1m,mode=700",
    "volumes: {data: {}}",
  );
  expect(plan.services.web?.args.mounts).toEqual([
    { type: "volume", target: "/anon" },
    {
      type: "volume",
      source: "shop_data",
      target: "/data",
      readOnly: true,
      labels: { "com.docker.stack.namespace": "shop" },
    },
    { type: "bind", source: "/etc/x", target: "/x", propagation: "rslave" },
    { type: "bind", source: join(folder, "here"), target: "/here" },
    { type: "bind", source: "/a", target: "/b" },
    { type: "tmpfs", target: "/run", size: 1, permissions: 0o700 },
  ]);
  expect(warnings.map(warningText)).toEqual([
    expect.stringMatching(/one\.yml:4: services\.web\.volumes\.3: it is .*\/here on the node/),
  ]);
});

it("takes `restart` where there is no restart policy", () => {
  expect(args("restart: on-failure:2")?.restartPolicy).toEqual({ condition: "on-failure", maxAttempts: 2 });
  expect(args("restart: always")?.restartPolicy).toBeUndefined();
  expect(args('restart: "no"\ndeploy: {restart_policy: {condition: any}}')?.restartPolicy).toEqual({
    condition: "any",
  });
});

it("takes the fields that Compose has for single hosts", () => {
  expect(args("mem_limit: 64m\ncpus: 0.5\nscale: 3")).toMatchObject({
    memoryLimit: 64,
    cpuLimit: 0.5,
    replicas: 3,
  });
});

it("merges files by the rules of the specification", () => {
  const { plan } = read(
    {
      "base.yml": `
services:
  web:
    image: web:1
    command: [one]
    environment: [A=1, B=2]
    ports: ["80:80"]
    volumes: [aa:/data]
    dns: 1.1.1.1
    labels: { x: "1" }
    hostname: gone
volumes: { aa: , bb: }
`,
      "over.yml": `
services:
  web:
    command: [two]
    environment: { B: 3 }
    ports: !override ["81:81"]
    volumes: [bb:/data]
    dns: [8.8.8.8]
    hostname: !reset null
`,
    },
    { files: ["base.yml", "over.yml"] },
  );
  expect(plan.services.web?.args).toMatchObject({
    command: ["two"],
    env: { A: "1", B: "3" },
    ports: [{ target: 81, published: 81 }],
    mounts: [{ source: "shop_bb", target: "/data" }],
    dns: ["1.1.1.1", "8.8.8.8"],
  });
  expect(plan.services.web?.args.hostname).toBeUndefined();
});

it("extends services of other files, includes files, and takes paths from where they stand", () => {
  const { plan } = read({
    "all.yml": `
include: [part/compose.yml]
services:
  web:
    extends: { file: part/base.yml, service: base }
    environment: { OWN: "1" }
  late: { image: "late:1", profiles: [late] }
`,
    "part/base.yml":
      "services: { base: { extends: root, env_file: base.env }, root: { image: root:1, user: ada } }",
    "part/base.env": "FROM=file\n",
    "part/compose.yml":
      "services: { db: { image: 'db:${V}', configs: [c] } }\nconfigs: { c: { file: ./c.txt } }",
    "part/.env": "V=7\n",
  });
  expect(Object.keys(plan.services).sort()).toEqual(["db", "web"]);
  expect(plan.services.web?.args).toMatchObject({
    image: "root:1",
    user: "ada",
    env: { FROM: "file", OWN: "1" },
  });
  expect(plan.services.db?.args.image).toBe("db:7");
  expect(plan.configs.c?.file).toBe(join(folder, "part/c.txt"));
});

it("makes the services of the profiles that are wanted", () => {
  const files = { "p.yml": "services: { a: { image: a }, b: { image: b, profiles: [x] } }" };
  expect(Object.keys(read(files).plan.services)).toEqual(["a"]);
  expect(Object.keys(read(files, { profiles: ["x"] }).plan.services)).toEqual(["a", "b"]);
});

it("reads anchors, merge keys and octal numbers", () => {
  const { plan } = read({
    "a.yml": `
x-one: &one { image: "one:1", user: "1" }
services:
  a: { <<: *one, user: "2", secrets: [{ source: s, mode: 0440 }] }
secrets: { s: { environment: HOME } }
`,
  });
  expect(plan.services.a?.args).toMatchObject({ image: "one:1", user: "2" });
  expect(plan.services.a?.secrets).toEqual([{ source: "s", target: "s", permissions: 0o440 }]);
});

it("names things as docker stack deploy does", () => {
  const { plan } = service(
    "networks: [back, theirs]",
    "networks: {back: {name: own}, theirs: {external: {name: outside}}}",
  );
  expect(plan.services.web?.args).toMatchObject({
    serviceName: "shop_web",
    labels: { "com.docker.stack.namespace": "shop", "com.docker.stack.image": "web:1" },
    containerLabels: { "com.docker.stack.namespace": "shop" },
  });
  expect(plan.networks).toMatchObject({
    back: { name: "own", external: false },
    theirs: { name: "outside", external: true },
  });
});

it.each([
  ["prots: [80]", /one\.yml:4: services\.web\.prots: there is no such field here/],
  ["ports: [nine]", /one\.yml:4: services\.web\.ports\.0: .*"nine" is no port/],
  ["deploy:\n  replicas: two", /one\.yml:5: services\.web\.deploy\.replicas: must be a number, not "two"/],
  ["deploy:\n  mode: all", /one\.yml:5: services\.web\.deploy\.mode: "all" must be replicated, global/],
  ["stop_grace_period: 10", /one\.yml:4: services\.web\.stop_grace_period: 10 must be a duration/],
  ["volumes: [data:/data]", /one\.yml:4: services\.web\.volumes\.0: data is not among the file's volumes/],
  ["networks: [none]", /one\.yml:4: services\.web\.networks\.none: there is no such network/],
  ["secrets: [none]", /one\.yml:4: services\.web\.secrets\.0: none is not among the file's secrets/],
  ["depends_on: [db]", /one\.yml:4: services\.web\.depends_on\.db: there is no such service/],
  ["depends_on: [web]", /one\.yml:4: services\.web\.depends_on: .* in a circle: web → web/],
  ["extends: web", /one\.yml:4: services\.web\.extends: .* in a circle/],
  ["user: ${NONE?tell}", /one\.yml:4: .*the variable NONE is required: tell/],
  ['command: "a \'b"', /one\.yml:4: services\.web\.command: .*a quote is not closed/],
  ["env_file: none.env", /one\.yml:4: .*none\.env: there is no such file/],
  ["user: *nobody", /one\.yml:4: .*nobody/],
  ["user: a\nuser: b", /one\.yml:5: is not valid YAML/],
])("refuses %j by its line", (text, message) => expect(() => service(text)).toThrow(message));

it.each([
  [
    "ulimits: { nofile: 3, core: -1 }",
    { ulimits: { nofile: { soft: 3, hard: 3 }, core: { soft: -1, hard: -1 } } },
  ],
  ["tty: true\nstdin_open: true", { tty: true, stdinOpen: true }],
  ["pids_limit: 5", { pidsLimit: 5 }],
  ["pids_limit: 5\ndeploy: { resources: { limits: { pids: 7 } } }", { pidsLimit: 7 }],
  [
    "security_opt: [no-new-privileges=true, seccomp:unconfined, apparmor:unconfined]",
    { noNewPrivileges: true, seccomp: "unconfined", apparmor: "disabled" },
  ],
  ["security_opt: [no-new-privileges]", { noNewPrivileges: true }],
  [
    "healthcheck: { test: x, start_interval: 1500ms }",
    { healthCheck: expect.objectContaining({ startInterval: "1.5s" }) },
  ],
])("has the fields that are not of the Docker plugin: %j", (text, found) => {
  const { plan, warnings } = service(text);
  const otherwise = text.includes("pids: 7")
    ? [expect.stringContaining("services.web.pids_limit: is ignored")]
    : [];
  expect(warnings.map(warningText)).toEqual(otherwise);
  expect(plan.services.web?.args).toMatchObject(found);
  const one = service(
    `${text}\n${text.includes("deploy") ? "" : "deploy: { mode: replicated-job, restart_policy: { condition: none } }"}`,
  );
  if (!text.includes("deploy")) expect(one.plan.jobs.web?.args).toMatchObject(found);
});

it.each([
  "tty: false",
  "pids_limit: -1",
  "ulimits: {}",
  "security_opt: [no-new-privileges:false]",
  "security_opt: [seccomp=builtin]",
])("leaves out what is the default: %s", (text) => {
  const { plan, warnings } = service(text);
  expect(warnings).toEqual([]);
  expect(plan.services.web?.args).toEqual(service("").plan.services.web?.args);
});

const job = (text: string) => service(`deploy:\n  mode: replicated-job\n${text}`);

it("takes services whose tasks end for jobs, which others wait for", () => {
  const { plan, warnings } = read({
    "jobs.yml": `
services:
  api:
    image: api:1
    depends_on: { migrate: { condition: service_completed_successfully } }
  migrate:
    image: api:1
    command: migrate
    depends_on: [db]
    ulimits: { nofile: { soft: 10, hard: 20 }, nproc: 7, core: -1 }
    deploy: { mode: replicated-job, replicas: 3, restart_policy: { condition: on-failure, max_attempts: 2 } }
  db: { image: "db:1" }
  clean: { image: "clean:1", deploy: { mode: global-job, restart_policy: { condition: none } } }
`,
  });
  expect(warnings).toEqual([]);
  expect(Object.keys(plan.services)).toEqual(["api", "db"]);
  expect(plan.services.api?.dependsOn).toEqual(["migrate"]);
  expect(plan.jobs.migrate).toMatchObject({
    args: {
      serviceName: "shop_migrate",
      command: ["migrate"],
      completions: 3,
      retries: 2,
      ulimits: { nofile: { soft: 10, hard: 20 }, nproc: { soft: 7, hard: 7 }, core: { soft: -1, hard: -1 } },
      labels: { "com.docker.stack.namespace": "shop" },
    },
    networks: [{ network: "default", aliases: ["migrate"] }],
    dependsOn: ["db"],
  });
  expect(plan.jobs.clean?.args).toMatchObject({ everyNode: true });
  expect(plan.jobs.clean?.args).not.toHaveProperty("retries");
  expect(plan.networks).toHaveProperty("default");
});

it("finds circles through jobs", () => {
  const yaml =
    "services: { a: { image: a, depends_on: [j] }, j: { image: j, depends_on: [a], deploy: { mode: global-job } } }";
  expect(() => read({ "circle.yml": yaml })).toThrow(/in a circle: a → j → a/);
});

it.each([
  ["  replicas: 0", /:6: services\.web\.deploy\.replicas: 0 must be at least 1/],
  ["scale: 0", /:6: services\.web\.scale: 0 must be at least 1/],
  ["  mode: global-job", /is not valid YAML: Map keys must be unique/],
  ["ulimits: { files: 3 }", /:6: services\.web\.ulimits\.files: is none of core, cpu/],
  ["ulimits: { nofile: { soft: 2, hard: 1 } }", /:6: .*ulimits\.nofile: .*soft limit above the hard one/],
  ["ulimits: { nofile: { soft: 2 } }", /:6: services\.web\.ulimits\.nofile\.hard: is missing/],
])("refuses %j of a job by its line", (text, message) => expect(() => job(text)).toThrow(message));

it("refuses replicas of a job on every node", () => {
  expect(() => service("deploy:\n  mode: global-job\n  replicas: 2")).toThrow(
    /:6: services\.web\.deploy\.replicas: a global-job has one task on every node/,
  );
});

it.each([
  ["ports: [80]", /:6: services\.web\.ports: is ignored: a job publishes no ports/],
  ["  endpoint_mode: dnsrr", /:6: .*endpoint_mode: is ignored: a job publishes no ports/],
  ["  update_config: { parallelism: 2 }", /:6: .*update_config: is ignored: a job that changed runs again/],
  ["  rollback_config: { parallelism: 2 }", /:6: .*rollback_config: is ignored/],
  [
    "  restart_policy: { condition: none, delay: 9s }",
    /:6: .*restart_policy\.delay: is ignored: .*5 seconds/,
  ],
  ["  restart_policy: { condition: any }", /:6: .*restart_policy: is ignored: .*max_attempts says/],
  ["  restart_policy: { condition: on-failure }", /:6: .*restart_policy: is ignored: .*max_attempts says/],
  ["restart: always", /:6: services\.web\.restart: is ignored: .*max_attempts says/],
])("warns of %j of a job by its line", (text, message) => {
  const { plan, warnings } = job(text);
  expect(warnings.map(warningText)).toEqual([expect.stringMatching(message)]);
  expect(plan.jobs.web?.args).not.toHaveProperty("retries");
});

it.each([
  ["  restart_policy: { condition: any, max_attempts: 4 }", 4],
  ["restart: on-failure:3", 3],
  ['restart: "no"', undefined],
  ["", undefined],
])("tries a job's task again as %j says", (text, retries) => {
  const { plan, warnings } = job(text);
  expect(warnings).toEqual([]);
  expect(plan.jobs.web?.args.retries).toBe(retries);
});

it.each([
  [
    "configs: { c: { file: empty.txt } }",
    {},
    /:6: configs\.c\.file: the file .*empty\.txt is empty: a config must have 1/,
  ],
  ["configs: { c: { file: none.txt } }", {}, /:6: configs\.c\.file: the file .*none\.txt cannot be read$/],
  ['configs: { c: { content: "${E}" } }', { E: "" }, /:6: configs\.c\.content: /],
  ["configs: { c: { environment: E } }", { E: "" }, /:6: configs\.c\.environment: the variable E is empty: /],
  ["configs: { c: { environment: NONE_E } }", {}, /:6: .*the variable NONE_E is not set$/],
])("refuses the content of %j by its line", (text, variables, message) => {
  writeFileSync(join(folder, "empty.txt"), "");
  writeFileSync(join(folder, "data.yml"), `services:\n  web:\n    image: a\n    configs: [c]\n\n${text}\n`);
  expect(() => {
    const loaded = load({ files: [join(folder, "data.yml")], variables });
    const { plan } = convert(loaded, "shop");
    dataOf("configs", "c", plan.configs.c as PlannedData, loaded);
  }).toThrow(message);
});

it("refuses a secret that is too large without showing it", () => {
  writeFileSync(join(folder, "large.txt"), "hunter2".repeat(100_000));
  const yaml = `services: { web: { image: a, secrets: [s] } }\nsecrets:\n  s:\n    file: ${folder}/large.txt\n`;
  const loaded = load({ yaml, folder });
  const { plan } = convert(loaded, "shop");
  const read = () => dataOf("secrets", "s", plan.secrets.s as PlannedData, loaded);
  expect(read).toThrow(
    /:4: secrets\.s\.file: the file .* has 700000 bytes: a secret must have 1 to 511999 bytes$/,
  );
  expect(read).not.toThrow(/hunter2/);
});

it.each([
  ["container_name: x", /one\.yml:4: services\.web\.container_name: is ignored: /],
  ["oom_score_adj: 5", /:4: services\.web\.oom_score_adj: is ignored: services have it from Docker 27 on/],
  ["security_opt: [seccomp:p.json]", /:4: services\.web\.security_opt\.0: seccomp:p\.json is ignored/],
  ["security_opt: [apparmor=mine]", /:4: services\.web\.security_opt\.0: apparmor=mine is ignored/],
  ["security_opt:\n  - no-new-privileges\n  - label:disable", /:6: .*label:disable is ignored/],
  ["build: .", /:4: services\.web\.build: is ignored: swarm builds nothing/],
  ["privileged: true", /:4: services\.web\.privileged: is ignored/],
  ['ports: ["127.0.0.1:80:80"]', /:4: services\.web\.ports\.0: the address 127\.0\.0\.1 is ignored/],
  ["extra_hosts: [h:host-gateway]", /:4: services\.web\.extra_hosts\.h: is ignored: host-gateway/],
  ["healthcheck:\n  interval: 5s", /:4: services\.web\.healthcheck: is ignored: .*give it a test/],
  ["user: ${NOBODY_SET_THIS}", /:4: the variable NOBODY_SET_THIS is not set/],
])("warns of %j by its line", (text, message) => {
  const { warnings } = service(text);
  expect(warnings.map(warningText)).toEqual([expect.stringMatching(message)]);
});
