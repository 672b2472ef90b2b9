/** What a program has to know of a folder before Buildah builds it: its hash, and that there is a Buildah. */
import { z } from "zod";
import { requireTools } from "../../../host/tools";
import { UserError } from "../../../host/userError";
import { checkedContextDigest } from "../../../providers/docker/contextDigest";

export const contextQuestion = z.strictObject({ context: z.string(), dockerfile: z.string() });

/** `error` is what the user has to mend before anything can be built. */
export type ContextAnswer = { readonly digest: string } | { readonly error: string };

export async function contextAnswer({
  context,
  dockerfile,
}: z.infer<typeof contextQuestion>): Promise<ContextAnswer> {
  try {
    requireTools('builder "buildah"', ["buildah"]);
    return { digest: await checkedContextDigest(context, dockerfile) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { error: error.message };
  }
}
