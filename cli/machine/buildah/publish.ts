/** An image that this host's Buildah builds and publishes. */
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { requireTools } from "../../../host/tools";
import type { Progress } from "../../../machine/progress";
import { buildImage } from "./build";
import { type PublishSpec, sourceOf } from "./publishSpec";
import { pushImage } from "./push";

export const published = z.object({
  digest: z.string(),
  /** Hash of what it was made from. */
  source: z.string(),
});
export type Published = z.infer<typeof published>;

/**
 * Builds the image and publishes it under each tag. Another login, or another way to the registry, makes no other image: then what
 * was published before stays.
 *
 * @param before what the last call printed
 * @throws UserError if Buildah is missing, the build fails or the registry refuses it
 */
export async function publishImage(
  spec: PublishSpec,
  before: Published | undefined,
  progress: Progress,
): Promise<Published> {
  const source = sourceOf(spec);
  if (before?.source === source) return before;
  requireTools('builder "buildah"', ["buildah"]);
  return withPrivateFolder(async (folder) => {
    const id = await buildImage(spec, folder, progress);
    return { digest: await pushImage(id, spec, folder, progress), source };
  });
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** For the context and the login: nobody else reads it, and it is gone also when we are told to end. Where Buildah itself puts contexts. */
async function withPrivateFolder<T>(action: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(process.env.TMPDIR || "/var/tmp", "vmcluster-buildah-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const end = (): never => {
    remove();
    // 128 + SIGTERM, as shells report it. Buildah sees us go and ends.
    process.exit(143);
  };
  for (const signal of signals) process.on(signal, end);
  try {
    return await action(folder);
  } finally {
    for (const signal of signals) process.off(signal, end);
    remove();
  }
}
