/**
 * One operation and what can be seen of it, in a form that is the same for every engine that does the same: the steps, the
 * calls of the provider, the counts, the outputs and the state that is left. Random and timely parts get fixed names.
 */
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SecretsManager } from "../../../engine/secrets";
import { passphrase, type TestProject } from "../testProject";
import type { Run, Scenario } from "./scenario";

export interface Outcome {
  readonly result: "succeeded" | "failed";
  /** As `create a`, in the order they ended; failed ones as `create a failed`. */
  readonly steps: readonly string[];
  readonly changes: Readonly<Record<string, number>>;
}

export interface Observation extends Outcome {
  /** What the provider was asked to do to things, in order. */
  readonly calls: readonly string[];
  /** Resources of the state, in its order, without what depends on time and place. */
  readonly state: readonly Json[];
  /** What really exists. */
  readonly existing: readonly string[];
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Carries out one operation on the project's stack, one step at a time. */
export type Engine = (project: TestProject, run: Run, urns: Urns) => Promise<Outcome>;

/** What the run names. */
interface Urns {
  readonly targets: readonly string[];
  readonly replace: readonly string[];
  readonly excludes: readonly string[];
}

const counted = ["create", "create-failed", "update", "update-failed", "delete", "delete-failed", "hook"];

export async function observe(
  project: TestProject,
  scenario: Scenario,
  engine: Engine,
): Promise<Observation[]> {
  const observations: Observation[] = [];
  for (const run of scenario.runs) {
    await prepare(project, run);
    for (const [name, inputs] of Object.entries(run.drift ?? {})) change(project, name, inputs);
    project.forgetCalls();
    const outcome = await engine(project, run, {
      targets: urns(run.targets),
      replace: urns(run.replace),
      excludes: urns(run.excludes),
    });
    observations.push({
      ...outcome,
      calls: project.calls(...counted),
      state: await resourcesOf(project),
      existing: project.existing(),
    });
  }
  return observations;
}

/** What programs have at hand. */
const head = `const pulumi = require("@pulumi/pulumi");
const { Thing, Other, Group, Provider, ask, askOutput } = require("./testing");
const note = (text) =>
  require("fs").appendFileSync(process.env.TEST_PROVIDER_DIR + "/calls.log", "0 hook " + text + "\\n");
`;

async function prepare(project: TestProject, run: Run): Promise<void> {
  if (run.things) project.things(run.things);
  if (run.program !== undefined) project.program(head + run.program);
  for (const [id, inputs] of Object.entries(run.exists ?? {}))
    writeFileSync(join(project.providerDir, `${id}.resource`), JSON.stringify(inputs));
  if (run.config) await project.config(run.config);
  for (const [name, text] of Object.entries(run.files ?? {})) writeFileSync(join(project.dir, name), text);
}

function urns(names: readonly string[] | undefined): string[] {
  return (names ?? []).map((name) =>
    name.startsWith("urn:") || name.includes("*")
      ? name
      : `urn:pulumi:dev::sample::testing:index:Thing::${name}`,
  );
}

function change(project: TestProject, name: string, inputs: Readonly<Record<string, unknown>> | null): void {
  for (const file of readdirSync(project.providerDir)) {
    if (!file.startsWith(`${name}-`)) continue;
    const path = join(project.providerDir, file);
    if (inputs) writeFileSync(path, JSON.stringify(inputs));
    else rmSync(path);
  }
}

const timely = new Set(["created", "modified", "sourcePosition", "stackTrace"]);

async function resourcesOf(project: TestProject): Promise<Json[]> {
  const { resources, text } = project.state();
  const salt = /"salt": ?"([^"]*)"/.exec(text)?.[1];
  const secrets = salt === undefined ? undefined : await SecretsManager.open(passphrase, salt);
  const names = new Map<string, string>();
  // The same random text gets the same name in all places, so that references stay comparable.
  const rename = (random: string, kind: string): string => {
    const known = names.get(random);
    if (known !== undefined) return known;
    const name = `${kind}-${[...names.values()].filter((other) => other.startsWith(kind)).length + 1}`;
    names.set(random, name);
    return name;
  };
  const plain = (value: Json): Json => {
    if (typeof value === "string")
      return value
        .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (uuid) => rename(uuid, "uuid"))
        .replace(/\b([a-z]+)-\d+-\d+\b/g, (id, name: string) => rename(id, `${name}#`));
    if (value === null || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value.ciphertext === "string" && secrets)
      return { secret: plain(JSON.parse(secrets.decrypt(value.ciphertext)) as Json) };
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  };
  return resources.map(
    (resource) =>
      plain(
        Object.fromEntries(Object.entries(resource).filter(([key]) => !timely.has(key))) as {
          [key: string]: Json;
        },
      ) as Json,
  );
}
