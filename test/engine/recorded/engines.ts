/** The two engines that run the scenarios: the one of this project, and the Pulumi CLI, of which the answers are recorded. */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { destroy, type Operation, preview, refresh, up } from "../../../engine";
import { isDefaultProvider } from "../../../engine/urn";
import { ProgramHost } from "../programHost";
import { passphrase, type TestProject } from "../testProject";
import type { Engine, Outcome } from "./observe";
import type { Run } from "./scenario";

const operations: Record<Run["do"], Operation> = { up, preview, refresh, destroy };
const rootType = "pulumi:pulumi:Stack";

/** The embedded engine, with one process for all programs. */
export class Ours {
  private host: ProgramHost | undefined;

  readonly run: Engine = async (project, run, { targets, replace, excludes }) => {
    this.host ??= new ProgramHost();
    const { events, result, changes } = await project.run(operations[run.do], {
      targets,
      replace,
      targetDependents: run.targetDependents,
      excludes,
      excludeDependents: run.excludeDependents,
      parallel: 1,
      refresh: run.refreshed,
      runProgram: this.host.run,
    });
    const steps = events.flatMap((event) => {
      if (event.kind !== "resource-done" && event.kind !== "resource-failed") return [];
      const { op, name, type } = event.step;
      if (op === "same" || type === rootType) return [];
      return [`${op} ${name}${event.kind === "resource-failed" ? " failed" : ""}`];
    });
    if (process.env.VERBOSE) console.log(JSON.stringify(events, undefined, 1));
    return {
      result: result === "succeeded" ? "succeeded" : "failed",
      steps,
      changes: changes as Outcome["changes"],
    };
  };

  async close(): Promise<void> {
    await this.host?.close();
  }
}

interface CliStep {
  readonly metadata: {
    readonly op: string;
    readonly urn: string;
    readonly type: string;
    readonly old: { readonly outputs: unknown } | null;
    readonly new: { readonly outputs: unknown } | null;
  };
}

interface CliEvent {
  readonly resOutputsEvent?: CliStep;
  readonly resOpFailedEvent?: CliStep;
  readonly summaryEvent?: { readonly resourceChanges: Readonly<Record<string, number>> | null };
}

/** `pulumi` of PATH, which finds the test provider there too. */
export const pulumiCli: Engine = async (project, run, { targets, replace, excludes }) => {
  const log = join(project.dir, "events.json");
  rmSync(log, { force: true });
  const { status, stdout, stderr } = pulumi(project, [
    run.do,
    "--event-log",
    log,
    "--parallel",
    "1",
    ...(run.do === "preview" ? [] : ["--yes", "--skip-preview"]),
    ...(run.do === "up" || run.do === "destroy" ? ["--continue-on-error"] : []),
    ...targets.flatMap((urn) => ["--target", urn]),
    ...replace.flatMap((urn) => ["--replace", urn]),
    ...excludes.flatMap((urn) => ["--exclude", urn]),
    ...(run.excludeDependents ? ["--exclude-dependents"] : []),
    ...(run.refreshed ? ["--refresh"] : []),
    ...(run.targetDependents ? ["--target-dependents"] : []),
  ]);
  if (process.env.VERBOSE) console.log(stdout, stderr);
  if (status === null) throw new Error("pulumi was ended by a signal, or hangs");
  const events = readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as CliEvent);
  const steps = events.flatMap((event) => {
    const step = event.resOutputsEvent ?? event.resOpFailedEvent;
    if (step === undefined) return [];
    const { op, urn, type } = step.metadata;
    if (op === "same" || type === rootType || isDefaultProvider(urn)) return [];
    return [`${op} ${urn.split("::").slice(3).join("::")}${event.resOpFailedEvent ? " failed" : ""}`];
  });
  const summary = events.find((event) => event.summaryEvent)?.summaryEvent;
  return { result: status === 0 ? "succeeded" : "failed", steps, changes: summary?.resourceChanges ?? {} };
};

function pulumi(
  project: TestProject,
  args: readonly string[],
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync("pulumi", [...args, "--stack", project.stack, "--non-interactive", "--cwd", project.dir], {
    encoding: "utf8",
    // Pulumi 3.248 hangs for ever after some failures.
    timeout: 180_000,
    env: {
      ...process.env,
      PULUMI_BACKEND_URL: `file://${project.backendDir}`,
      PULUMI_CONFIG_PASSPHRASE: passphrase,
      PULUMI_DEBUG_COMMANDS: "true",
    },
  });
}
