import { basename } from "node:path";
import { UserError } from "../../host/userError";
import { sshClientFiles, writeSshClient } from "../../machine/ssh/client";
import { sshUrl } from "../../machine/ssh/url";
import { runningMachine } from "./running";
import { type Shell, shells } from "./shells";

/** The shell that the lines are for: the one named, else the user's. */
export function shellNamed(name: string | undefined): Shell {
  const wanted = name ?? basename(process.env.SHELL ?? "sh");
  const found = shells.find((shell) => shell.names.includes(wanted));
  if (found !== undefined) return found;
  // Shells that nobody has heard of read the lines for sh, most often.
  const [posix] = shells;
  if (name === undefined && posix !== undefined) return posix;
  throw new UserError(
    `--shell ${name}: there are no lines for that shell`,
    `there are: ${shells.flatMap((shell) => shell.names).join(", ")}`,
  );
}

/** Of docker-machine or other uses of TLS: with them docker would try TLS over SSH. */
const others = ["DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"];

/** Lines for a shell after which its `docker` talks to the machine. */
export async function envLines(name: string, shell: Shell): Promise<string[]> {
  const machine = await runningMachine(name);
  const { folder } = writeSshClient();
  return [
    ...others.map(shell.unset),
    shell.set("DOCKER_HOST", sshUrl(machine)),
    shell.set("DOCKER_MACHINE_NAME", name),
    shell.pathWith(folder),
    `${shell.comment} Run this in your shell:`,
    `${shell.comment} ${shell.run(`vmcluster machine env --shell ${shell.names[0]} ${name}`)}`,
  ];
}

/** Lines that undo them. */
export function unsetLines(shell: Shell): string[] {
  return [
    ...[...others, "DOCKER_HOST", "DOCKER_MACHINE_NAME"].map(shell.unset),
    shell.pathWithout(sshClientFiles().folder),
    `${shell.comment} Run this in your shell:`,
    `${shell.comment} ${shell.run(`vmcluster machine env --shell ${shell.names[0]} -u`)}`,
  ];
}
