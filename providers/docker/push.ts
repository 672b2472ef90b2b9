/** Sends an image from the daemon to its registry. Specified by the Docker Engine API ("ImagePush"). */
import { setTimeout as sleep } from "node:timers/promises";
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

/** A registry that is just starting, as with its machine or its service's tasks, or that is overloaded, answers by then. */
const usualPatienceMs = 30_000;
const pauseMs = 1000;

/** In the daemon's words. What the registry has of the image by then is not sent again. */
const passing = new RegExp(
  [
    "connect: connection refused|connection reset by peer|\\bEOF$",
    "i/o timeout|TLS handshake timeout|Client\\.Timeout exceeded|context deadline exceeded",
    "unexpected HTTP status: 50[234]",
  ].join("|"),
);

/** Resolves to the digest that the registry gave it, where the daemon tells it. */
export async function pushImage(
  api: DockerApi,
  name: string,
  login: PushLogin,
  operation: Operation,
  patienceMs = usualPatienceMs,
): Promise<string | undefined> {
  const end = Date.now() + patienceMs;
  for (;;) {
    try {
      return await pushOnce(api, name, login, operation);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      if (!passing.test(error.what) || Date.now() + pauseMs > end)
        throw new UserError(`${name} cannot be pushed`, error.what, error.remedy);
      operation.status(`waiting for the registry of ${name} (${error.what})`);
      await sleep(pauseMs, undefined, { signal: operation.signal });
    }
  }
}

async function pushOnce(
  api: DockerApi,
  name: string,
  login: PushLogin,
  operation: Operation,
): Promise<string | undefined> {
  const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
  const [repository, tag] = colon < 0 ? [name, "latest"] : [name.slice(0, colon), name.slice(colon + 1)];
  operation.status(`pushing ${name}`);
  const answer = await api.stream("POST", `/images/${imagePath(repository)}/push`, operation, {
    query: { tag },
    // The daemon wants the header also where there is no login.
    headers: { "X-Registry-Auth": encoded(login) },
  });
  const told = await progress(answer, operation);
  return told.map(({ Digest }) => Digest).find((digest) => typeof digest === "string");
}
