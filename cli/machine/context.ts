import { z } from "zod";
import { RunError, run } from "../../host/run";
import { findProgram } from "../../host/tools";
import { UserError } from "../../host/userError";
import { machineNamed } from "../../machine/power";
import { sshUrl } from "../../machine/ssh/url";
import { isInstalled } from "./sshConfig";

const description = (name: string): string => `vmcluster machine ${name}`;

const docker = (...args: string[]): Promise<string> =>
  run("docker", ["context", ...args]).then(({ stdout }) => stdout.trim());

function requireDocker(): void {
  if (findProgram("docker") !== undefined) return;
  throw new UserError(
    "docker contexts are kept by the docker client, which is not installed",
    undefined,
    "install it (Debian and Ubuntu: apt-get install docker-cli, in older ones docker.io)",
  );
}

const inspected = z.tuple([z.object({ Metadata: z.object({ Description: z.string().optional() }) })]);

/** Description of a context; undefined if there is none of that name. */
async function described(name: string): Promise<string | undefined> {
  try {
    const [context] = inspected.parse(JSON.parse(await docker("inspect", name)));
    return context.Metadata.Description ?? "";
  } catch (error) {
    if (error instanceof RunError && /not found|does not exist/i.test(error.stderr)) return undefined;
    throw error;
  }
}

function refuseForeign(name: string, found: string | undefined): void {
  if (found === undefined || found === description(name)) return;
  throw new UserError(
    `there is a docker context "${name}" that vmcluster did not make`,
    found === "" ? undefined : `it is described as ${JSON.stringify(found)}`,
    `remove it if you do not need it: docker context rm ${name}`,
  );
}

/** Makes the docker context of a machine, or says in it where the machine is now. */
export async function makeContext(name: string): Promise<void> {
  const machine = machineNamed(name);
  requireDocker();
  if (!isInstalled()) {
    throw new UserError(
      "a docker context is for every shell, and your ssh does not know the machines yet",
      "docker starts ssh, which must find the machine's key and port by itself",
      "vmcluster machine ssh-config --install adds one line to ~/.ssh/config (--uninstall removes it); then try again",
    );
  }
  const found = await described(name);
  refuseForeign(name, found);
  const what = ["--docker", `host=${sshUrl(machine)}`, "--description", description(name)];
  await docker(found === undefined ? "create" : "update", ...what, name);
}

/** Removes it; also when the machine is gone. */
export async function removeContext(name: string): Promise<void> {
  requireDocker();
  const found = await described(name);
  if (found === undefined) throw new UserError(`there is no docker context ${JSON.stringify(name)}`);
  refuseForeign(name, found);
  await docker("rm", "-f", name);
}
