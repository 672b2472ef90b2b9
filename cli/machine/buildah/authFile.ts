/** Logins for Buildah, in a file: on its command line others would see them. Specified by containers/image: docs/containers-auth.json.5.md. */
import { readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { PublishSpec } from "./publishSpec";

const content = z.looseObject({
  auths: z.record(z.string(), z.unknown()).optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
});
type Content = z.infer<typeof content>;

/**
 * Buildah's options for the login at `address`. It then looks in no other file, so the logins that the user has kept are in it too.
 * None where there is no login: Buildah looks for the kept ones by itself.
 *
 * @param folder private; the file goes there
 */
export function authOptions(
  folder: string,
  address: string,
  { login }: Pick<PublishSpec, "login">,
): string[] {
  if (login === undefined) return [];
  const auth = Buffer.from(`${login.username}:${login.password}`).toString("base64");
  const kept = keptFiles().map(read);
  /** All but those for the same registry, or a part of it: they would count more. */
  const others = (which: "auths" | "credHelpers"): Record<string, unknown> =>
    Object.fromEntries(
      kept
        .flatMap((one) => Object.entries(one[which] ?? {}))
        .filter(([key]) => key !== address && !key.startsWith(`${address}/`)),
    );
  const all = { auths: { ...others("auths"), [address]: { auth } }, credHelpers: others("credHelpers") };
  const file = join(folder, "auth.json");
  writeFileSync(file, JSON.stringify(all), { mode: 0o600 });
  return ["--authfile", file];
}

/** Where Buildah looks; what comes later counts more. */
function keptFiles(): string[] {
  const { REGISTRY_AUTH_FILE, XDG_RUNTIME_DIR, DOCKER_CONFIG } = process.env;
  if (REGISTRY_AUTH_FILE) return [REGISTRY_AUTH_FILE];
  return [
    join(DOCKER_CONFIG || join(homedir(), ".docker"), "config.json"),
    join(homedir(), ".config/containers/auth.json"),
    join(
      XDG_RUNTIME_DIR || `/run/containers/${process.getuid?.()}`,
      XDG_RUNTIME_DIR ? "containers" : "",
      "auth.json",
    ),
  ];
}

/** Nothing of a file that is not there or is something else. */
function read(file: string): Content {
  try {
    return content.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return {};
  }
}
