/** `about`: what a report of a mistake needs to say of the command, the host, the project, the stack and the backend. */
import { readFileSync } from "node:fs";
import { hostname, machine, release } from "node:os";
import * as engine from "../engine/index";
import { UserError } from "../host/userError";
import { userName } from "../host/userName";
import { backendInUse } from "./backend";
import type { Flags } from "./flags";
import { projectDirIfAny } from "./project";
import { openSession } from "./session";
import { chooseStack } from "./stackChoice";
import { qualified } from "./stackCommands";
import { table } from "./table";
import { ownVersion } from "./version";

interface Stack {
  readonly name: string;
  readonly fullyQualifiedName: string;
  readonly resources: readonly { readonly type: string; readonly urn: string }[];
  readonly pendingOps: readonly { readonly type: string; readonly urn: string }[];
}

const print = (text: string): void => void process.stdout.write(text);

export async function about(flags: Flags & { readonly output?: "default" | "json" }): Promise<number> {
  const errors: string[] = [];
  const project = projectDirIfAny(flags);
  const stack = await currentStack(flags).catch((error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    errors.push(
      `Failed to get information about the current stack: ${error.message.replace(/\s*\n\s*/g, "; ")}`,
    );
    return undefined;
  });
  const cli = { version: ownVersion(), engineVersion: engine.engineVersion.replace(/^v/, "") };
  const host = hostAbout();
  const backend = {
    name: hostname(),
    url: backendInUse(flags, project).url,
    user: userName(),
    organizations: null,
  };
  const runtime =
    project === undefined
      ? undefined
      : { executable: process.execPath, language: "nodejs", version: process.version };
  if (flags.json || flags.output === "json") {
    const all = {
      host,
      backend,
      currentStack: stack ?? null,
      cliAbout: cli,
      runtime: runtime ?? null,
      errors,
    };
    print(`${JSON.stringify(all, undefined, 2)}\n`);
    return 0;
  }
  const part = (rows: readonly (readonly string[])[]): void => print(`${table(rows)}\n`);
  part([["CLI"], ["Version", cli.version], ["Engine", cli.engineVersion]]);
  part([["Host"], ["OS", host.os], ["Version", host.version], ["Arch", host.arch]]);
  if (runtime !== undefined)
    print(
      `This project is written in nodejs: executable='${runtime.executable}' version='${runtime.version}'\n\n`,
    );
  if (stack !== undefined) stackText(stack);
  part([
    ["Backend"],
    ["Name", backend.name],
    ["URL", backend.url],
    ["User", backend.user],
    ["Organizations", ""],
    ["Token type", "personal"],
  ]);
  print("Environment Variables:\n");
  part([["Name", "Value"], ...variables(process.env)]);
  for (const error of errors) process.stderr.write(`warning: ${error}\n`);
  return 0;
}

async function currentStack(flags: Flags): Promise<Stack | undefined> {
  const session = openSession(flags);
  const name = await chooseStack(session, flags, "refuse");
  const { resources, pending } = await engine.stackOverview({ ...session, stack: name });
  return {
    name,
    fullyQualifiedName: qualified(await engine.projectName(session), name),
    resources: resources.map(({ type, urn }) => ({ type, urn })),
    pendingOps: pending,
  };
}

function stackText({ name, fullyQualifiedName, resources, pendingOps }: Stack): void {
  const list = (head: string, what: string, of: Stack["resources"]): string =>
    of.length === 0
      ? `Found no ${what} associated with ${name}\n\n`
      : `${table([[head, "URN"], ...of.map(({ type, urn }) => [type, urn])])}\n\n`;
  print(`Current Stack: ${fullyQualifiedName}\n\n`);
  print(list("TYPE", "resources", resources));
  print(list("OPP TYPE", "pending operations", pendingOps));
}

function hostAbout(): { readonly os: string; readonly version: string; readonly arch: string } {
  const known = { os: process.platform as string, version: release(), arch: machine() };
  try {
    const text = readFileSync("/etc/os-release", "utf8");
    const field = (name: string): string | undefined =>
      new RegExp(`^${name}="?([^"\n]*)`, "m").exec(text)?.[1] || undefined;
    return { ...known, os: field("ID") ?? known.os, version: field("VERSION_ID") ?? known.version };
  } catch {
    return known;
  }
}

/** Ours and Pulumi's, but for what is secret. */
function variables(env: NodeJS.ProcessEnv): string[][] {
  return Object.entries(env)
    .filter(([name]) => /^(PULUMI|VMCLUSTER)_/.test(name) && !/PASS|TOKEN|SECRET|KEY/.test(name))
    .map(([name, value = ""]) => [name, JSON.stringify(value.replace(/\/\/[^/@]*@/, "//"))])
    .sort(([a = ""], [b = ""]) => (a < b ? -1 : 1));
}
