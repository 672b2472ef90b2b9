import { isPropertyMap, type PropertyMap } from "../rpc/values";
import { bareRegistry, dockerHub, parseImageName } from "./imageName";
import type { RegistryLogin } from "./settings";

/** As the daemon takes JSON in a header: base64url, padded. Docker takes one without padding for no login at all, and says nothing. */
export const encoded = (value: object): string =>
  Buffer.from(JSON.stringify(value)).toString("base64").replaceAll("+", "-").replaceAll("/", "_");

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
  return { "X-Registry-Auth": encoded(own) };
}

function configured(image: string, logins: readonly RegistryLogin[]) {
  const { registry } = parseImageName(image);
  const login = logins.find(({ address }) => bareRegistry(address) === registry);
  return login && !login.authDisabled
    ? { username: login.username, password: login.password, serveraddress: login.address }
    : undefined;
}

/** The `X-Registry-Config` header: every login, for the images that a build uses. */
export function configHeader(logins: readonly RegistryLogin[]): Record<string, string> {
  const known = logins
    .filter(({ username, password, authDisabled }) => username && password && !authDisabled)
    .map(({ address, username, password }) => [
      bareRegistry(address) === dockerHub ? "https://index.docker.io/v1/" : bareRegistry(address),
      { username, password },
    ]);
  if (known.length === 0) return {};
  return { "X-Registry-Config": encoded(Object.fromEntries(known)) };
}
