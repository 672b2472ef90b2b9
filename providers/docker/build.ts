/**
 * Builds an image: the daemon gets the context as a tar. Specified by the Docker Engine API ("ImageBuild").
 */
import { LastLines } from "../../host/lastLines";
import { UserError } from "../../host/userError";
import type { Operation } from "../rpc/resource";
import type { ApiRequest, DockerApi } from "./api";
import { type BuildContext, packContext } from "./buildContext";
import { openSession } from "./buildSession";
import { readTrace } from "./buildTrace";
import { configHeader } from "./registry";
import type { RegistryLogin } from "./settings";
import { progress } from "./streams";

export interface BuildRequest {
  readonly context: BuildContext;
  readonly tags: readonly string[];
  /** `1`: the old builder; `2`: BuildKit. */
  readonly builder: "1" | "2";
  /** Further parameters of the request. */
  readonly query: ApiRequest["query"];
  readonly logins: readonly RegistryLogin[];
}

const keptOutput = 4000;

/** Resolves to the image's ID. */
export async function buildImage(
  api: DockerApi,
  request: BuildRequest,
  operation: Operation,
): Promise<string> {
  const { archive, dockerfile } = await packContext(request.context);
  const session = request.builder === "2" ? await openSession(api, request.logins, operation) : undefined;
  const output = new LastLines(keptOutput, operation.redact);
  try {
    operation.status("sending the build context");
    const answer = await api.stream("POST", "/build", operation, {
      query: {
        ...request.query,
        dockerfile,
        t: request.tags,
        version: request.builder,
        session: session?.id,
      },
      archive,
      headers: configHeader(request.logins),
    });
    const aux = await progress(answer, operation, (message) => {
      const said =
        message.id === "moby.buildkit.trace" ? shown(String(message.aux), operation) : message.stream;
      if (typeof said === "string") output.add(said);
    });
    const id = aux
      .map(({ ID }) => ID)
      .filter((one) => typeof one === "string")
      .at(-1);
    if (id === undefined) throw new UserError("the build gave no image");
    return id;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const [what, ...printed] = [`building ${request.tags[0]} failed: ${error.what}`, output.text];
    throw new UserError(what as string, ...printed);
  } finally {
    archive.destroy();
    session?.close();
  }
}

function shown(trace: string, operation: Operation): string {
  const { steps, output } = readTrace(trace);
  const now = steps.at(-1) ?? output.trim().split("\n").at(-1);
  if (now) operation.status(now);
  return output;
}
