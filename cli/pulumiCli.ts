/**
 * The Pulumi CLI, where it is on PATH, carries operations out, with its own output, on the same state. It finds this package's
 * providers where it has none of its own. `--engine` or VMCLUSTER_ENGINE decides by hand.
 */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { privateFolder } from "../host/privateFolder";
import { shellWord } from "../host/shellWord";
import { findProgram } from "../host/tools";
import { UserError } from "../host/userError";
import type { Flags } from "./flags";
import type { Session } from "./session";

/** The first that knows the resource option `replaceWith`, on which the components rely. */
const oldest = { major: 3, minor: 207 };

function isNewEnough(version: string): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)\./.exec(version) ?? [];
  return Number(major) > oldest.major || (Number(major) === oldest.major && Number(minor) >= oldest.minor);
}

/** Whether the Pulumi CLI is there and new enough; says so if it is too old. */
function hasPulumi(): boolean {
  const program = findProgram("pulumi");
  if (program === undefined) return false;
  const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
  const version =
    spawnSync(program, ["version"], { encoding: "utf8", env, timeout: 30_000 }).stdout?.trim() || "unknown";
  if (isNewEnough(version)) return true;
  process.stderr.write(
    `The Pulumi CLI on PATH is version ${version}, older than ${oldest.major}.${oldest.minor}: using the embedded engine\n`,
  );
  return false;
}

/** Whether the Pulumi CLI is to be used: asked for by flag or VMCLUSTER_ENGINE, else if it is there. */
export function usesPulumi(flags: Flags): boolean {
  const name = flags.engine ?? (process.env.VMCLUSTER_ENGINE || undefined);
  if (name !== undefined && name !== "embedded" && name !== "pulumi")
    throw new UserError(`VMCLUSTER_ENGINE is ${JSON.stringify(name)}`, undefined, "use embedded or pulumi");
  return name === undefined ? hasPulumi() : name === "pulumi";
}

export async function runPulumi(
  verb: "up" | "preview" | "refresh" | "destroy",
  flags: Flags,
  session: Session & { readonly stack: string; readonly keepLeftovers?: boolean },
): Promise<number> {
  if (findProgram("pulumi") === undefined)
    throw new UserError(
      "there is no pulumi on PATH",
      undefined,
      "install the Pulumi CLI, or use --engine embedded",
    );
  const child = spawn("pulumi", [verb, ...argumentsOf(verb, flags, session)], {
    cwd: session.projectDir,
    stdio: "inherit",
    env: {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${session.backendDir}`,
      PULUMI_CONFIG_PASSPHRASE: session.passphrase,
      PATH: [process.env.PATH, ownPlugins(session.backendDir)].filter(Boolean).join(delimiter),
    },
  });
  // It gets the terminal's signals itself.
  const ignore = (): void => undefined;
  process.on("SIGINT", ignore);
  try {
    return await new Promise<number>((done, reject) => {
      child.once("error", reject);
      child.once("exit", (code) => done(code ?? 1));
    });
  } finally {
    process.off("SIGINT", ignore);
  }
}

function argumentsOf(
  verb: string,
  flags: Flags,
  { stack, keepLeftovers }: { readonly stack: string; readonly keepLeftovers?: boolean },
): string[] {
  const each = (flag: string, values: readonly string[] | undefined): string[] =>
    (values ?? []).flatMap((value) => [flag, value]);
  return [
    ...["--stack", stack],
    ...(flags.nonInteractive ? ["--non-interactive"] : []),
    ...(flags.color ? ["--color", flags.color] : []),
    ...(flags.parallel === undefined ? [] : ["--parallel", String(flags.parallel)]),
    ...each("--target", flags.target),
    ...(flags.targetDependents ? ["--target-dependents"] : []),
    ...each("--exclude", flags.exclude),
    ...(flags.excludeDependents ? ["--exclude-dependents"] : []),
    ...(flags.message === undefined ? [] : ["--message", flags.message]),
    ...(flags.diff ? ["--diff"] : []),
    ...(flags.expectNoChanges ? ["--expect-no-changes"] : []),
    ...(verb === "up" || verb === "preview" ? each("--replace", flags.replace) : []),
    ...(verb === "up" || verb === "preview" ? each("--target-replace", flags.targetReplace) : []),
    ...(flags.suppressOutputs ? ["--suppress-outputs"] : []),
    ...(flags.previewOnly ? ["--preview-only"] : []),
    ...(verb === "destroy" && flags.remove ? ["--remove"] : []),
    ...(verb === "destroy" && flags.excludeProtected ? ["--exclude-protected"] : []),
    ...(flags.refresh === undefined ? [] : [`--refresh=${flags.refresh}`]),
    ...(flags.configFile === undefined ? [] : ["--config-file", resolve(flags.cwd ?? ".", flags.configFile)]),
    ...(flags.eventLog === undefined ? [] : ["--event-log", resolve(flags.eventLog)]),
    ...(flags.clearPendingCreates ? ["--clear-pending-creates"] : []),
    ...onlyPulumis(flags),
    ...(flags.json ? ["--json"] : []),
    ...(verb !== "preview" && flags.yes ? ["--yes"] : []),
    ...(verb !== "preview" && flags.skipPreview ? ["--skip-preview"] : []),
    // As the embedded engine: what does not depend on a failure goes on. Leftovers would be deleted then, too.
    ...((verb === "up" && !keepLeftovers) || verb === "destroy" ? ["--continue-on-error"] : []),
  ];
}

/** What the embedded engine refuses or does not show. */
function onlyPulumis(flags: Flags): string[] {
  const { plan, savePlan, importFile, policyPack = [], policyPackConfig = [], attachDebugger } = flags;
  return [
    ...(flags.runProgram ? ["--run-program"] : []),
    ...(flags.debug ? ["--debug"] : []),
    ...(flags.showConfig ? ["--show-config"] : []),
    ...(flags.showReads ? ["--show-reads"] : []),
    ...(flags.showReplacementSteps ? ["--show-replacement-steps"] : []),
    ...(flags.showSames ? ["--show-sames"] : []),
    ...(flags.showFullOutput ? ["--show-full-output"] : []),
    ...(flags.showSecrets ? ["--show-secrets"] : []),
    ...(plan === undefined ? [] : ["--plan", resolve(plan)]),
    ...(savePlan === undefined ? [] : ["--save-plan", resolve(savePlan)]),
    ...(importFile === undefined ? [] : ["--import-file", resolve(importFile)]),
    ...policyPack.flatMap((folder) => ["--policy-pack", resolve(folder)]),
    ...policyPackConfig.flatMap((file) => ["--policy-pack-config", resolve(file)]),
    ...(attachDebugger === undefined
      ? []
      : [`--attach-debugger${attachDebugger === true ? "" : `=${attachDebugger}`}`]),
    ...(flags.importPendingCreates ?? []).flatMap((pairs) => ["--import-pending-creates", pairs]),
  ];
}

/** A folder with a program for each provider of this package that the Pulumi CLI has not installed. */
function ownPlugins(home: string): string {
  const folder = join(home, "plugins");
  privateFolder(folder);
  const installed = join(process.env.PULUMI_HOME || join(homedir(), ".pulumi"), "plugins");
  const theirs = existsSync(installed) ? readdirSync(installed) : [];
  for (const name of ["command", "docker"]) {
    if (theirs.some((entry) => entry.startsWith(`resource-${name}-v`))) continue;
    const main = resolve(__dirname, "../providers", name, "main.js");
    const file = join(folder, `pulumi-resource-${name}`);
    writeFileSync(file, `#!/bin/sh\nexec ${shellWord(process.execPath)} ${shellWord(main)} "$@"\n`);
    chmodSync(file, 0o755);
  }
  return folder;
}
