import { diffLines } from "../../../cli/display/diff";
import type { StepInfo } from "../../../engine/events";
import { plainColors, stackStep, step } from "./recorded";

const show = (...steps: Parameters<typeof diffLines>[0]): string[] => diffLines(steps, plainColors);

it("names what is added, removed and changed, however deep", () => {
  const update = step("update", "docker:index/service:Service", "web", undefined, {
    diff: ["mode"],
    oldInputs: { name: "web", mode: { replicated: { replicas: 5 } }, labels: ["a"], old: true },
    newInputs: { name: "web", mode: { replicated: { replicas: 3 } }, labels: ["b"], fresh: 1 },
  });
  expect(show(update)).toEqual([
    "~ docker:index/service:Service: (update)",
    `    [urn=${update.urn}]`,
    "  + fresh : 1",
    "  ~ labels: [",
    '      ~ [0]: "a" => "b"',
    "    ]",
    "  ~ mode  : {",
    "      ~ replicated: {",
    "          ~ replicas: 5 => 3",
    "        }",
    "    }",
    "  - old   : true",
  ]);
});

it("lists the inputs of a new resource with secrets hidden", () => {
  const create = step("create", "command:local:Command", "vm", undefined, {
    newInputs: { create: "hostname", token: "[secret]" },
  });
  const lines = show(create, step("same", "t:t:T", "same"));
  expect(lines).toHaveLength(4);
  expect(lines[2]).toBe('    create: "hostname"');
  expect(lines[3]).toBe("    token : [secret]");
});

it("names a difference that only the provider sees", () => {
  const update = step("update", "t:t:T", "r", undefined, {
    diff: ["image"],
    oldInputs: { image: "web" },
    newInputs: { image: "web" },
  });
  expect(show(update)).toContain('  ~ image: "web"');
});

it("shows unknown values as such, and nothing that providers note for themselves", () => {
  const update = step("update", "docker:index/service:Service", "web", undefined, {
    oldInputs: { __defaults: ["mode"], ports: [{ __defaults: [], target: 80 }], network: "n1" },
    newInputs: { ports: [{ target: 80 }], network: "output<string>" },
  });
  expect(show(update).slice(2)).toEqual([
    '  ~ network: "n1" => [unknown]',
    "    ports  : [",
    "        [0]: {",
    "            target: 80",
    "        }",
    "    ]",
  ]);
});

const inputs = (oldInputs: object, newInputs: object, diff: string[] = []): string[] =>
  show(step("update", "t:t:T", "r", undefined, { oldInputs, newInputs, diff } as Partial<StepInfo>)).slice(2);

// What Pulumi 3.248 printed for the same values.
it.each<[string, string[], string[]]>([
  [
    "elements of lists",
    inputs(
      { list: [1, 2, 3], o: { k: "v", deep: { z: true } } },
      { list: [1, 3], o: { k: "v", deep: { z: false } } },
    ),
    [
      "  ~ list: [",
      "        [0]: 1",
      "      ~ [1]: 2 => 3",
      "      - [2]: 3",
      "    ]",
      "  ~ o   : {",
      "      ~ deep: {",
      "          ~ z: true => false",
      "        }",
      '        k   : "v"',
      "    }",
    ],
  ],
  [
    "what is added with all that is in it",
    inputs({ a: 1 }, { a: 2, extra: ["x", { y: "z" }], multi: "one\ntwo" }),
    [
      "  ~ a    : 1 => 2",
      "  + extra: [",
      '  +     [0]: "x"',
      "  +     [1]: {",
      '          + y: "z"',
      "        }",
      "    ]",
      '  + multi: "one\\ntwo"',
    ],
  ],
])("lays out %s as the Pulumi CLI does", (_, lines, expected) => expect(lines).toEqual(expected));

// What Pulumi 3.248 printed: what is within an element of a list stands further to the right.
it("shows what changes in the elements of lists, and in an archive what changed", () => {
  expect(inputs({ ports: [{ from: 1, to: 1 }] }, { ports: [{ from: 1, to: 2 }] })).toEqual([
    "  ~ ports: [",
    "      ~ [0]: {",
    "                from: 1",
    "              ~ to  : 1 => 2",
    "            }",
    "    ]",
  ]);
  const archive = (hash: string): object => ({
    "4dabf18193072939515e22adb298388d": "0def7320c3a5731c473e5ecbe6d01bc7",
    hash,
    assets: {
      a: { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", hash, text: "x" },
    },
  });
  expect(inputs({ code: archive("1".repeat(64)) }, { code: archive("2".repeat(64)) })).toEqual([
    "  ~ code: archive(assets:1111111->2222222) {",
    '      ~ "a": asset(text:1111111->2222222) { <contents elided> }',
    "    }",
  ]);
});

it("shows a changed secret as such, and an asset by its hash", () => {
  const asset = (hash: string): object => ({
    "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17",
    hash,
    path: "./a",
  });
  expect(
    inputs({ s: "[secret]", f: asset("1".repeat(64)) }, { s: "[secret]", f: asset("2".repeat(64)) }, [
      "s",
      "f",
    ]),
  ).toEqual(["  ~ f: asset(file:1111111->2222222) { ./a }", "  ~ s: [secret] => [secret]"]);
});

it("shows what changes within JSON and within texts of several lines", () => {
  expect(inputs({ spec: '{"cpus":1,"memory":512}' }, { spec: '{"cpus":2,"memory":512}' })).toEqual([
    "  ~ spec: (json) {",
    "      ~ cpus  : 1 => 2",
    "        memory: 512",
    "    }",
  ]);
  const text = (line: string): string => ["z", "a", "b", "c", line, "e", "f", "g"].join("\n");
  expect(inputs({ t: text("old") }, { t: text("new") })).toEqual([
    "  ~ t:",
    "        ...",
    "        b",
    "        c",
    "      - old",
    "      + new",
    "        e",
    "        f",
    "        g",
  ]);
});

it("indents below the stack and what is shown of the parents, and says whose provider and what is protected", () => {
  const stack = stackStep("same");
  const part = step("same", "t:t:Part", "part", stack, { custom: false });
  const update = step("update", "t:t:T", "r", part, {
    id: "i-1",
    provider: "urn:pulumi:dev::lab::pulumi:providers:t::mine::p-1",
    protection: "kept",
    oldInputs: { a: 1 },
    newInputs: { a: 2 },
  });
  expect(show(stack, part, update)).toEqual([
    "  pulumi:pulumi:Stack: (same)",
    `    [urn=${stack.urn}]`,
    "    ~ t:t:T: (update) 🔒",
    "        [id=i-1]",
    `        [urn=${update.urn}]`,
    "        [provider=urn:pulumi:dev::lab::pulumi:providers:t::mine::p-1]",
    "      ~ a: 1 => 2",
  ]);
  expect(show(stack, part)).toEqual([]);
});
