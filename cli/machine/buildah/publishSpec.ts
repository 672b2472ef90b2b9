/** What `image publish` is told. */
import { createHash } from "node:crypto";
import { z } from "zod";

export const publishSpec = z.strictObject({
  build: z.strictObject({
    context: z.string(),
    dockerfile: z.string(),
    contextDigest: z.string(),
    args: z.record(z.string(), z.string()).optional(),
    target: z.string().optional(),
    platform: z.string(),
  }),
  /** Host and port of the registry. */
  server: z.string(),
  path: z.string(),
  tags: z.array(z.string()).min(1),
  /** See `ImageRegistry`. */
  contentsId: z.string().optional(),
  login: z.strictObject({ username: z.string(), password: z.string() }).optional(),
  /** Whose machine reaches the registry, if this one does not. */
  docker: z.strictObject({ host: z.string(), sshOpts: z.array(z.string()).optional() }).optional(),
});
export type PublishSpec = z.infer<typeof publishSpec>;

/** Hash of all that makes it this image in this place. */
export function sourceOf({ login: _, docker: __, ...made }: PublishSpec): string {
  return createHash("sha256").update(JSON.stringify(made)).digest("hex");
}
