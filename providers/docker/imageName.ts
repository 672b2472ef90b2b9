/**
 * Names of images. Specified by the distribution project's reference grammar and, for how a name without a registry
 * is read, by kreuzwerker/terraform-provider-docker: internal/provider/resource_docker_image_funcs.go.
 */

export interface ImageName {
  /** Host and port; `docker.io` where the name says none. */
  readonly registry: string;
  /** As the registry's API knows it: Docker Hub's own images are under `library/`. */
  readonly repository: string;
  /** Its digest where the name has one, else the tag. */
  readonly reference: string;
}

export const dockerHub = "docker.io";
const dockerHubNames = new Set([
  dockerHub,
  "registry-1.docker.io",
  "index.docker.io",
  "registry.hub.docker.com",
]);

export function parseImageName(name: string): ImageName {
  const slash = name.indexOf("/");
  const host = slash < 0 ? "" : name.slice(0, slash);
  const isHost = /[.:]/.test(host) || host === "localhost";
  const rest = isHost ? name.slice(slash + 1) : name;
  const [tagged = "", digest] = rest.split("@", 2);
  const colon = tagged.indexOf(":");
  const path = colon < 0 ? tagged : tagged.slice(0, colon);
  const registry = isHost ? bareRegistry(host) : dockerHub;
  return {
    registry,
    repository: registry === dockerHub && !path.includes("/") ? `library/${path}` : path,
    reference: digest ?? (colon < 0 ? "latest" : tagged.slice(colon + 1)),
  };
}

/** Why a login at a registry is not to be sent to that of an image; undefined where they are the same. */
export function foreignLogin(image: string, server: string): string | undefined {
  const { registry } = parseImageName(image);
  if (bareRegistry(server) === registry) return undefined;
  return `${server} is not the registry of ${image}, which is ${registry}: the login would be sent there`;
}

/** Host and port of a registry's address, with one name for Docker Hub. */
export function bareRegistry(address: string): string {
  const bare = address.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
  return dockerHubNames.has(bare) ? dockerHub : bare;
}
