/** What is done inside a guest over one SSH session. */
import type { NodeSSH } from "node-ssh";

export class GuestError extends Error {
  constructor(
    readonly command: string,
    readonly code: number | null,
    readonly output: string,
  ) {
    super(`${command}: exit code ${code}\n${output.trim().split("\n").slice(-10).join("\n")}`);
    this.name = "GuestError";
  }
}

/** Runs a shell command in the guest; rejects with {@link GuestError} unless it exits with 0. */
export async function inGuest(session: NodeSSH, command: string, stdin?: string): Promise<string> {
  const { stdout, stderr, code } = await session.execCommand(command, stdin === undefined ? {} : { stdin });
  if (code !== 0) throw new GuestError(command, code, `${stdout}\n${stderr}`);
  return stdout;
}

/** Returns when `docker info` works. It waits in the guest: each command over SSH costs an emulated CPU much. */
export async function waitForDocker(session: NodeSSH, timeoutMs: number): Promise<void> {
  const tries = Math.ceil(timeoutMs / 1000);
  const wait = `i=0; until docker info >/dev/null 2>&1; do i=$((i+1)); [ $i -lt ${tries} ] || exit 1; sleep 0.5; done`;
  await inGuest(session, `timeout ${tries} sh -c '${wait}'`);
}
