// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose files are written so
/** Ways of writing a file, of each of which compose-go or `docker stack config` says what is right. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { convert } from "../../../components/compose/convert";
import { load } from "../../../components/compose/load";
import { warningText } from "../../../components/compose/place";
import { composeText } from "../../../components/compose/write";

const folder = mkdtempSync(join(tmpdir(), "vmcluster-forms-"));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;

interface Printed {
  readonly [section: string]: Record<string, Record<string, unknown>>;
}

/** What `compose config` prints, and its warnings, of files: `compose.yml`, over it `override.yml` if there is one. */
function read(texts: string | Record<string, string>): { file: Printed; warnings: string[]; in: string } {
  const files = typeof texts === "string" ? { "compose.yml": texts } : texts;
  const here = join(folder, `${count++}`);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(here, name)), { recursive: true });
    writeFileSync(join(here, name), text);
  }
  const names = ["compose.yml", "override.yml"].filter((name) => name in files);
  const bare = (text: string): string => text.split(`${here}/`).join("");
  try {
    const loaded = load({ files: names.map((name) => join(here, name)), variables: {} });
    const { plan, warnings } = convert(loaded, "stk");
    const text = composeText(plan);
    // What is printed says the same.
    expect(composeText(convert(load({ yaml: text, folder: here, variables: {} }), "stk").plan)).toBe(text);
    return { file: parse(text), warnings: warnings.map(warningText).map(bare), in: here };
  } catch (error) {
    throw new Error(bare((error as Error).message));
  }
}

const api = (more: string): string => `services: { api: { image: "api:1", ${more} } }`;

describe("reads", () => {
  it.each([
    [`'printf "a\\nb" "c\\$$d" "e\\\\f" \\n "\\\`"'`, ["printf", "anb", "c$$d", "e\\f", "n", "`"]],
    [`'sh -c "x\\ y"'`, ["sh", "-c", "x y"]],
  ])("the command %s as Docker's tools split it", (command, words) =>
    expect(read(api(`command: ${command}`)).file.services?.api?.command).toEqual(words),
  );

  it("what a file of variables has after blanks, and in lines with other ends", () => {
    const env = 'A= #x\nB=y\t# z\nC=a # b\nD="x\ry"\r\nE=\u2028\nF= \n';
    expect(
      read({ "compose.yml": api("env_file: a.env"), "a.env": env }).file.services?.api?.environment,
    ).toEqual({ A: "#x", B: "y\t# z", C: "a", D: "x\ry", E: "", F: "" });
  });

  it("two volumes of one name, which are made otherwise", () => {
    const { file } = read(
      `services: { api: { image: "api:1", volumes: ["one:/a", "two:/b", "three:/c"] } }
volumes: { one: { name: data, driver_opts: { type: nfs } }, two: { name: data, labels: { k: v } }, three: { name: data, external: true } }`,
    );
    expect(file.volumes).toEqual({
      data: { name: "data", driver_opts: { type: "nfs" } },
      data_2: { name: "data", labels: { k: "v" } },
      data_3: { name: "data", external: true },
    });
  });

  it.each([
    ["a list", { "compose.yml": "[type=none, o=bind, device=./data]" }],
    ["two files", { "compose.yml": "{ type: none, device: ./data }", "override.yml": "{ o: bind }" }],
    ["the other order", { "compose.yml": "{ o: bind }", "override.yml": "{ type: none, device: data }" }],
  ])("the folder of a volume from %s", (_, options: Record<string, string>) => {
    const files = Object.entries(options).map(([name, one]) => [
      name,
      `${name === "compose.yml" ? api('volumes: ["data:/data"]') : ""}\nvolumes: { data: { driver_opts: ${one} } }`,
    ]);
    const { file, warnings, in: here } = read(Object.fromEntries(files));
    expect(file.volumes?.data?.driver_opts).toEqual({ type: "none", o: "bind", device: join(here, "data") });
    expect(warnings).toEqual([expect.stringMatching(/\.yml:2: volumes\.data\.driver_opts\.device: it is /)]);
  });

  it("a limit of which a later file says one part", () => {
    const files = {
      "compose.yml": api("ulimits: { nofile: { soft: 10, hard: 20 }, nproc: { soft: 1, hard: 2 } }"),
      "override.yml": api("ulimits: { nofile: { hard: 30 }, nproc: 7 }"),
    };
    expect(read(files).file.services?.api?.ulimits).toEqual({
      nofile: { soft: 10, hard: 30 },
      nproc: { soft: 7, hard: 7 },
    });
  });

  it.each(["!override", "!override ~", "!override null", "!reset", "!reset Null"])("%s of nothing", (tag) => {
    const files = {
      "compose.yml": api('ports: ["80:80"], user: root, environment: { A: x }'),
      "override.yml": api(`ports: ${tag} , user: ${tag} , environment: { A: ${tag} , B: "1" }`),
    };
    const { ports, user, environment } = read(files).file.services?.api ?? {};
    expect({ ports, user }).toEqual({});
    // An override with nothing is a variable with no value.
    expect(environment).toEqual({ B: "1" });
  });

  it("aliases as keys, and anchors of an earlier document", () => {
    const yaml = `x-key: &key NAME
x-env: &env { A: "1" }
services: { api: { image: "api:1", environment: { *key : value } } }
---
services: { api: { environment: *env } }`;
    expect(read(yaml).file.services?.api?.environment).toEqual({ NAME: "value", A: "1" });
  });
});

it.each([
  [
    api("scale: 2, deploy: { replicas: 3 }"),
    ["compose.yml:1: services.api.scale: is ignored: deploy.replicas says otherwise"],
  ],
  [
    api("mem_limit: 100m, cpus: 1, deploy: { resources: { limits: { memory: 50M, cpus: 1.0 } } }"),
    ["compose.yml:1: services.api.mem_limit: is ignored: deploy.resources.limits.memory says otherwise"],
  ],
  [api("pids_limit: 5, scale: 2, deploy: { replicas: 2, resources: { limits: { pids: 5 } } }"), []],
])("warns of what is said twice in %s", (yaml, warnings) => expect(read(yaml).warnings).toEqual(warnings));

const lines = (...more: string[]): string => ["services:", "  api:", "    image: api:1", ...more].join("\n");

it.each([
  [`name: My Shop\n${api("")}`, 'compose.yml:1: name: "My Shop" cannot be the name of a stack'],
  [
    lines("    networks: [a1, b1]", "networks:", "  a1: { name: same }", "  b1:", "    name: same"),
    "compose.yml:8: networks.b1.name: same is the name of networks.a1 too: a swarm has it once",
  ],
  [
    lines("    configs: [a1, b1]", "configs:", "  a1: { content: x }", "  b1: { name: stk_a1, content: x }"),
    "compose.yml:7: configs.b1.name: stk_a1 is the name of configs.a1 too",
  ],
  [
    lines("    configs: [a1]", "configs:", "  a1:", '    content: ""'),
    "compose.yml:7: configs.a1.content: it is empty: a config must have 1 to",
  ],
  [
    lines("    configs: [a1]", "configs:", "  a1: { content: x, environment: X }"),
    "compose.yml:6: configs.a1: has environment and content: it must have one of them",
  ],
  [
    lines("    extra_hosts:", "      a: 1.1.1.1", "      b:"),
    "compose.yml:6: services.api.extra_hosts.b: must be an address, or a list of addresses",
  ],
  [
    lines("    ulimits:", "      nofile: 1", "      files: 1"),
    "compose.yml:6: services.api.ulimits.files: is none of core, cpu",
  ],
  [
    lines("    networks:", "      - default", "      - { a: b }"),
    "compose.yml:6: services.api.networks.1: must be a name",
  ],
  [
    lines("    depends_on: db"),
    'compose.yml:4: services.api.depends_on: "db" must be a list of names, or a mapping',
  ],
  [
    lines("    deploy:", "      replicas: 1.5"),
    "compose.yml:5: services.api.deploy.replicas: must be a whole number, not 1.5",
  ],
  [
    lines("    configs:", "      - source: a1", "        mode: '999'", "configs: { a1: { content: x } }"),
    'compose.yml:6: services.api.configs.0.mode: "999" must be permissions, an octal number such as 0440',
  ],
  [
    lines("    command: 'a \\'"),
    'compose.yml:4: services.api.command: "a \\\\" there is nothing after the backslash at the end',
  ],
  [{ "compose.yml": lines("    env_file: sub"), "sub/x": "" }, "compose.yml:4: sub: it is a folder"],
])("refuses by the line, %#", (texts, message) => expect(() => read(texts as string)).toThrow(message));
