/** Runs the programs of a suite in one process (fixtures/programHost.js): most of the time of a small one is loading the SDK. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { ProgramResult, ProgramRunner } from "../../engine";

export class ProgramHost {
  private readonly child: ChildProcess = fork(join(__dirname, "fixtures/programHost.js"), {
    env: process.env,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });

  readonly run: ProgramRunner = async ({ project, stack, address, preview, parallel, config }) => {
    this.child.send({
      program: join(project.programDir, project.entryPoint),
      project: project.name,
      stack,
      address,
      preview,
      parallel,
      config: Object.fromEntries(config.values),
      secretKeys: [...config.secretKeys],
    });
    const [answer] = (await once(this.child, "message")) as [ProgramResult];
    return answer;
  };

  async close(): Promise<void> {
    const ended = once(this.child, "exit");
    this.child.disconnect();
    await ended;
  }
}
