/** Sends an image from the daemon to its registry. Specified by the Docker Engine API ("ImagePush"). */
import { UserError } from "../../host/userError";
import type { Operation } from "../rpc/resource";
import type { DockerApi } from "./api";
import { imagePath } from "./images";
import { encoded } from "./registry";
import { progress } from "./streams";

export interface PushLogin {
  readonly username?: string;
  readonly password?: string;
  readonly serveraddress?: string;
}

/** Resolves to the digest that the registry gave it, where the daemon tells it. */
export async function pushImage(
  api: DockerApi,
  name: string,
  login: PushLogin,
  operation: Operation,
): Promise<string | undefined> {
  const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
  const [repository, tag] = colon < 0 ? [name, "latest"] : [name.slice(0, colon), name.slice(colon + 1)];
  operation.status(`pushing ${name}`);
  try {
    const answer = await api.stream("POST", `/images/${imagePath(repository)}/push`, operation, {
      query: { tag },
      // The daemon wants the header also where there is no login.
      headers: { "X-Registry-Auth": encoded(login) },
    });
    const told = await progress(answer, operation);
    return told.map(({ Digest }) => Digest).find((digest) => typeof digest === "string");
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`${name} cannot be pushed`, error.what, error.remedy);
  }
}
