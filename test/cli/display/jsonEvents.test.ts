/** `--json` beside what the Pulumi CLI has printed for the same program (jsonEvents.json). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandUnderTest, eachTestOn } from "../command";

jest.setTimeout(240_000);

const program = `
const pulumi = require("@pulumi/pulumi");
const { local } = require("@pulumi/command");
const config = new pulumi.Config();
class Group extends pulumi.ComponentResource {
  constructor(name) {
    super("lab:index:Group", name, { x: 1 });
    this.registerOutputs({ done: true });
  }
}
const group = new Group("group");
const code = config.get("code") ?? "0";
const one = new local.Command("one", {
  create: \`echo hi; exit \${code}\`,
  delete: "true",
  environment: { V: config.get("v") ?? "1" },
  triggers: [config.get("trigger") ?? "1"],
}, { parent: group });
console.log("hello");
exports.out = one.stdout;
exports.hidden = pulumi.secret("hush");
`;

type Json = Readonly<Record<string, unknown>>;
interface State extends Json {
  readonly id: string;
  readonly custom?: boolean;
  readonly outputs: Json;
}

/** What is the same whoever ran it: not IDs, times and the provider's wording of a difference. */
function essence(event: Json): Json {
  const [kind, value] = Object.entries(event).find(([key]) => /Event$/.test(key)) as [string, Json];
  if (kind === "summaryEvent") return { kind, ...value, durationSeconds: 0 };
  if (kind === "diagnosticEvent") {
    const message = String(value.message);
    return {
      kind,
      ...value,
      message: value.severity === "error" ? message.split(/[\n:]/)[0] : message.trim(),
    };
  }
  if (value.metadata === undefined) return { kind, ...value };
  const { detailedDiff: _, diffs, provider: __, ...metadata } = value.metadata as Json;
  return {
    kind,
    ...metadata,
    diffs: diffs === undefined ? [] : [...(diffs as string[])].sort(),
    old: stateEssence(metadata.old as State | null),
    new: stateEssence(metadata.new as State | null),
  };
}

function stateEssence(state: State | null): Json | null {
  if (state === null) return null;
  const { provider: _, ...rest } = state;
  const outputs = "hidden" in state.outputs ? { ...state.outputs, hidden: "secret" } : state.outputs;
  return { ...rest, id: state.id === "" ? "" : "some", outputs };
}

let vmcluster: CommandUnderTest;
eachTestOn(program, (made) => {
  vmcluster = made;
});

const recorded = JSON.parse(readFileSync(join(__dirname, "jsonEvents.json"), "utf8")) as Record<
  string,
  readonly Json[]
>;

async function events(...args: string[]): Promise<Json[]> {
  const { stdout } = await vmcluster.run([...args, "--json", "--skip-preview"]);
  const all = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Json);
  expect(all.map(({ sequence }) => sequence)).toEqual(all.map((_, index) => index));
  return all.map(essence);
}

const expected = (run: string): Json[] => (recorded[run] as Json[]).map(essence);

it("prints the events of an update, a failure, a refresh and a destroy as the Pulumi CLI does", async () => {
  await vmcluster.ok("stack", "init", "dev");
  expect(await events("up")).toEqual(expected("up"));
  await vmcluster.ok("config", "set", "v", "2");
  expect(await events("up")).toEqual(expected("changed"));
  await vmcluster.ok("config", "set", "code", "3");
  await vmcluster.ok("config", "set", "trigger", "2");
  expect(await events("up")).toEqual(expected("failed"));
  await vmcluster.ok("config", "rm", "code");
  await vmcluster.ok("config", "rm", "trigger");
  expect(await events("refresh")).toEqual(expected("refresh"));
  expect(await events("destroy")).toEqual(expected("destroy"));
  expect(await events("destroy")).toEqual(expected("nothing"));
});

it("prints the plan before, and nothing else on standard output; asks nobody", async () => {
  const refused = await vmcluster.run(["up", "--json"]);
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toContain("--yes or --skip-preview must be passed in with --json");
  for (const change of ["create", "same"]) {
    const { stdout } = await vmcluster.ok("up", "--yes", "--json");
    const [plan = "", lines = ""] = stdout.split(/(?<=^}\n)/m);
    expect(JSON.parse(plan)).toMatchObject({ changeSummary: { [change]: 3 } });
    const last = lines
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Json)
      .at(-2);
    expect(last).toMatchObject({ summaryEvent: { result: "succeeded", resourceChanges: { [change]: 3 } } });
    expect(stdout).not.toContain("hush");
  }
});
