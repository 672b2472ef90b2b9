import { withLock } from "../../host/lock";
import { UserError } from "../../host/userError";
import { buildServiceImages, serviceImageRefs } from "../../images/build";
import type { NodeImage } from "../driver";
import type { Progress } from "../progress";
import { bake } from "./bake";
import { buildLock, imageById, systemById } from "./cache";
import { imageId, type ServiceImage, systemId } from "./recipe";
import { buildSystem } from "./system";

export interface EnsureImageOptions {
  /** Debian suite. */
  readonly suite: string;
  /** Service images to load into it. Default: all that this package builds. */
  readonly images?: readonly ServiceImage[];
  readonly progress: Progress;
}

/** Name of the golden image that `ensureImage` gives; reads a few small files and builds nothing. */
export function nodeImageId(suite: string, images?: readonly ServiceImage[]): string {
  return imageId(suite, images?.map((image) => image.ref) ?? Object.values(serviceImageRefs()));
}

/**
 * The golden image of a suite, built if it is not in the cache: a few minutes the first time, milliseconds after.
 * Several at once wait for the one that builds; a build that was killed leaves nothing that is mistaken for an image.
 *
 * @throws UserError with the last lines of what failed
 */
export async function ensureImage(options: EnsureImageOptions): Promise<NodeImage> {
  const { suite } = options;
  const progress: Progress = (line) => options.progress(`node image: ${line}`);
  const id = nodeImageId(suite, options.images);
  const present = imageById(id);
  if (present !== undefined) return present;
  const images = options.images ?? (await buildServiceImages({ onProgress: progress }));
  return withLock(
    buildLock(),
    () => progress("waiting for another process that builds it"),
    async () => {
      const made = imageById(id);
      if (made !== undefined) return made;
      progress(`building it once from Debian ${suite} (some minutes)`);
      if (systemById(systemId(suite)) === undefined) await buildSystem(suite, progress);
      const system = systemById(systemId(suite));
      if (system === undefined) throw new Error(`system image ${systemId(suite)} was not published`);
      await bake(system, suite, images, progress);
      const done = imageById(id);
      if (done === undefined)
        throw new UserError(`node image ${id} vanished while it was made`, undefined, "try again");
      progress("ready");
      return done;
    },
  );
}
