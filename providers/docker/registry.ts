import { isPropertyMap, type PropertyMap } from "../rpc/values";
import type { RegistryLogin } from "./settings";

/**
 * The `X-Registry-Auth` header for a service's image, where the service or the provider's configuration gives a user and
 * a password for its registry; nothing else is ever sent. Specified by the Docker Engine API ("Authentication").
 */
export function registryHeader(
  image: string,
  auth: PropertyMap[string] | undefined,
  logins: readonly RegistryLogin[],
): Record<string, string> {
  const own = isPropertyMap(auth)
    ? { username: auth.username, password: auth.password, serveraddress: auth.serverAddress }
    : configured(image, logins);
  if (!own?.username || !own.password) return {};
  return { "X-Registry-Auth": Buffer.from(JSON.stringify(own)).toString("base64url") };
}

function configured(image: string, logins: readonly RegistryLogin[]) {
  const registry = registryOf(image);
  const login = logins.find(({ address }) => bareAddress(address) === registry);
  return login && !login.authDisabled
    ? { username: login.username, password: login.password, serveraddress: login.address }
    : undefined;
}

/** Image names without a host are Docker Hub's. */
function registryOf(image: string): string {
  const first = image.split("/", 1)[0] as string;
  return image.includes("/") && (first.includes(".") || first.includes(":") || first === "localhost")
    ? first
    : "docker.io";
}

function bareAddress(address: string): string {
  const bare = address.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return bare === "registry-1.docker.io" || bare === "index.docker.io" ? "docker.io" : bare;
}
