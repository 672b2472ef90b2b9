/**
 * Logins that `docker login` has kept on this machine. Specified by docker/cli: cli/config/configfile (config.json), and
 * docker/docker-credential-helpers (the helpers' protocol).
 */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { run } from "../../host/run";
import { UserError } from "../../host/userError";
import { bareRegistry, dockerHub } from "./imageName";
import type { RegistryLogin } from "./settings";

interface ConfigFile {
  readonly auths?: Readonly<Record<string, { readonly auth?: string } | undefined>>;
  readonly credHelpers?: Readonly<Record<string, string>>;
  readonly credsStore?: string;
}

const hubAddress = "https://index.docker.io/v1/";

export async function keptLogin(registry: string): Promise<RegistryLogin | undefined> {
  const path = join(process.env.DOCKER_CONFIG ?? join(homedir(), ".docker"), "config.json");
  const content = await readFile(path, "utf8").catch(() => undefined);
  if (content === undefined) return undefined;
  let config: ConfigFile;
  try {
    config = JSON.parse(content) as ConfigFile;
  } catch {
    throw new UserError(`${path} is no JSON`);
  }
  const address = registry === dockerHub ? hubAddress : registry;
  const helper = config.credHelpers?.[registry] ?? config.credsStore;
  if (helper) return askHelper(helper, address);
  const [, kept] =
    Object.entries(config.auths ?? {}).find(([server]) => bareRegistry(server) === registry) ?? [];
  if (!kept?.auth) return undefined;
  const [username = "", ...password] = Buffer.from(kept.auth, "base64").toString("utf8").split(":");
  return { address, username, password: password.join(":").replace(/\0+$/, "") };
}

/** It may ask a person for a password. */
const helperMs = 120_000;

/** The server's name goes in on stdin, the login comes out on stdout: neither is in a list of processes. */
async function askHelper(helper: string, address: string): Promise<RegistryLogin | undefined> {
  const asked = run(`docker-credential-${helper}`, ["get"], { stdin: address, timeoutMs: helperMs });
  const said = await asked.then(({ stdout }) => stdout).catch(() => "");
  try {
    const { Username, Secret } = JSON.parse(said) as { Username?: string; Secret?: string };
    return Username && Secret ? { address, username: Username, password: Secret } : undefined;
  } catch {
    return undefined;
  }
}
