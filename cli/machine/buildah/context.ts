/** What a program has to know of a folder before Buildah builds it: its hash, and that there is a Buildah. */
import { z } from "zod";
import { requireTools } from "../../../host/tools";
import { UserError } from "../../../host/userError";
import { checkedContextDigest } from "../../../providers/docker/contextDigest";

export const contextQuestion = z.strictObject({ context: z.string(), dockerfile: z.string() });

/** `error` is what the user has to mend before anything can be built, `field` what of the image it is about. */
export type ContextAnswer =
  | { readonly digest: string }
  | { readonly field: "builder" | "context"; readonly error: string };

export async function contextAnswer({
  context,
  dockerfile,
}: z.infer<typeof contextQuestion>): Promise<ContextAnswer> {
  let field: "builder" | "context" = "builder";
  try {
    requireTools('"buildah"', ["buildah"]);
    field = "context";
    return { digest: await checkedContextDigest(context, dockerfile) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { field, error: error.message };
  }
}
