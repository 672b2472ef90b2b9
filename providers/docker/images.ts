/** The daemon's images: found by name, pulled where they are missing. Specified by the Docker Engine API ("Image"). */
import { UserError } from "../../host/userError";
import type { Operation } from "../rpc/resource";
import { type DockerApi, orGone } from "./api";
import type { JsonObject } from "./json";
import { registryHeader } from "./registry";
import type { RegistryLogin } from "./settings";
import { progress } from "./streams";

export interface ApiImage extends JsonObject {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
}

export function findImage(api: DockerApi, name: string, operation: Operation): Promise<ApiImage | undefined> {
  return orGone(api.get<ApiImage>(`/images/${imagePath(name)}/json`, operation));
}

/** Slashes in names stay as they are. */
export function imagePath(name: string): string {
  return encodeURI(name);
}

export interface PullOptions {
  readonly name: string;
  readonly platform?: string;
  readonly logins: readonly RegistryLogin[];
}

export async function pulledImage(
  api: DockerApi,
  { name, platform, logins }: PullOptions,
  operation: Operation,
): Promise<ApiImage> {
  const there = await findImage(api, name, operation);
  if (there) return there;
  const { repository, tag } = pullReference(name);
  operation.status(`pulling ${name}`);
  try {
    const answer = await api.stream("POST", "/images/create", operation, {
      query: { fromImage: repository, tag, platform: platform === "" ? undefined : platform },
      headers: registryHeader(name, undefined, logins),
    });
    await progress(answer, operation);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`image ${name} is not here and cannot be pulled`, error.what, error.remedy);
  }
  const pulled = await findImage(api, name, operation);
  if (!pulled) throw new UserError(`image ${name} was pulled and is not here`);
  return pulled;
}

/** Repository, and tag or digest; without either the daemon would pull all tags. */
function pullReference(name: string): { repository: string; tag: string } {
  const at = name.indexOf("@");
  const tagged = at < 0 ? name : name.slice(0, at);
  const colon = tagged.indexOf(":", tagged.lastIndexOf("/") + 1);
  return {
    repository: colon < 0 ? tagged : tagged.slice(0, colon),
    tag: at < 0 ? (colon < 0 ? "latest" : tagged.slice(colon + 1)) : name.slice(at + 1),
  };
}

/** The image's digest in a registry: the one of this name's repository where it is known in several. */
export function repoDigestOf(name: string, { RepoDigests }: ApiImage): string {
  const digests = RepoDigests ?? [];
  if (digests.length < 2) return digests[0] ?? "";
  const { repository } = pullReference(name);
  return digests.find((digest) => digest.startsWith(`${repository}@`)) ?? (digests[0] as string);
}
