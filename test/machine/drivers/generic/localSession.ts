import { spawn } from "node:child_process";
import type { NodeSSH } from "node-ssh";

interface Options {
  readonly stdin?: string;
  readonly onStdout?: (chunk: Buffer) => void;
}

/** A session that runs its commands on this host: what a script does is the same wherever it runs. */
export function localSession(env: NodeJS.ProcessEnv = process.env): NodeSSH {
  const execCommand = (command: string, { stdin = "", onStdout }: Options = {}) =>
    new Promise((resolve) => {
      const child = spawn("sh", ["-c", command], { env });
      let [stdout, stderr] = ["", ""];
      child.stdout.on("data", (chunk: Buffer) => {
        stdout += chunk;
        onStdout?.(chunk);
      });
      child.stderr.on("data", (chunk: Buffer) => {
        stderr += chunk;
      });
      child.on("close", (code) => resolve({ code, stdout: stdout.trimEnd(), stderr }));
      // One that ends without reading it.
      child.stdin.on("error", () => undefined);
      child.stdin.end(stdin);
    });
  return { execCommand, dispose: () => undefined } as unknown as NodeSSH;
}
