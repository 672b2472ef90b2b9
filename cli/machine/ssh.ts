import { spawn } from "node:child_process";
import { constants } from "node:os";
import { shellWord } from "../../host/shellWord";
import { requireTools } from "../../host/tools";
import { machineFiles } from "../../machine/paths";
import { runningMachine } from "./running";

/**
 * What ssh sends to the machine's shell: one word as it is, for pipes and variables; several so that the command gets just
 * these arguments, blanks and braces included.
 */
export const remoteCommand = (words: readonly string[]): string[] =>
  words.length > 1 ? [words.map(shellWord).join(" ")] : [...words];

/** Runs the system's ssh on the terminal we have and returns its exit code, which is the command's. */
export async function ssh(name: string, command: readonly string[]): Promise<number> {
  await runningMachine(name);
  requireTools("machine ssh", ["ssh"]);
  const words = command[0] === "--" ? command.slice(1) : command;
  const args = ["-F", machineFiles(name).sshConfig, name];
  if (words.length > 0) args.push("--", ...remoteCommand(words));
  return new Promise((resolve, reject) => {
    const child = spawn("ssh", args, { stdio: "inherit" });
    // Ctrl-C is for the command in the machine; ssh ends when that does.
    const ignore = (): void => undefined;
    process.on("SIGINT", ignore);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      process.off("SIGINT", ignore);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}
