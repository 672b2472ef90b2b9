import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../../host/userError";
import { sshUrl } from "../../machine/ssh/url";
import { listMachines } from "../../machine/store";

const clientConfig = z.object({ currentContext: z.string().optional() });
const contextMeta = z.object({ Endpoints: z.object({ docker: z.object({ Host: z.string().optional() }) }) });

/** A file of the docker client; undefined if it is not there or says something else. */
function read<T>(schema: z.ZodType<T>, ...path: string[]): T | undefined {
  const folder = process.env.DOCKER_CONFIG || join(homedir(), ".docker");
  try {
    return schema.parse(JSON.parse(readFileSync(join(folder, ...path), "utf8")));
  } catch {
    return undefined;
  }
}

/** What the docker client of this shell talks to, chosen as it chooses: DOCKER_HOST, DOCKER_CONTEXT, the context in use. */
export function activeUrl(): string | undefined {
  if (process.env.DOCKER_HOST) return process.env.DOCKER_HOST;
  const context = process.env.DOCKER_CONTEXT || read(clientConfig, "config.json")?.currentContext;
  if (!context) return undefined;
  const id = createHash("sha256").update(context).digest("hex");
  return read(contextMeta, "contexts", "meta", id, "meta.json")?.Endpoints.docker.Host;
}

/** Name of the machine that the docker client of this shell talks to. @throws UserError if it is none of ours */
export function activeMachine(): string {
  const url = activeUrl();
  const machine = listMachines().find((one) => sshUrl(one) === url);
  if (machine !== undefined) return machine.spec.name;
  throw new UserError(
    "no machine is active",
    url === undefined ? "DOCKER_HOST is not set and no docker context is in use" : `docker talks to ${url}`,
    'eval "$(vmcluster machine env NAME)" makes one active in this shell',
  );
}
