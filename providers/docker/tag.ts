/**
 * `docker:index/tag:Tag`: another name for an image. Deleting it leaves both images. Specified by the Docker Engine API
 * ("ImageTag") and kreuzwerker/terraform-provider-docker: internal/provider/resource_docker_tag_funcs.go.
 */
import { UserError } from "../../host/userError";
import { type Properties, set, string } from "../rpc/property";
import type { ResourceType } from "../rpc/resource";
import { type PropertyMap, reveal } from "../rpc/values";
import type { DockerApi } from "./api";
import { findImage, imagePath } from "./images";
import { previewedOutputs, withoutInternals } from "./state";

const replaces = { replaces: true };

const properties: Properties = {
  sourceImage: string({ required: true, ...replaces }),
  targetImage: string({ required: true, ...replaces }),
  tagTriggers: set(string(), replaces),
  sourceImageId: string({ output: true }),
};

export function tag(api: () => DockerApi): ResourceType {
  return {
    properties,
    preview: (inputs, olds) => previewedOutputs(properties, inputs, olds),

    async create(inputs, operation) {
      const { sourceImage, targetImage } = reveal(inputs) as PropertyMap;
      const [source, target] = [String(sourceImage), String(targetImage)];
      const image = await findImage(api(), source, operation);
      if (!image) {
        throw new UserError(
          `image ${source} is not here, so it cannot be tagged ${target}`,
          undefined,
          "pull or build it first (RemoteImage, Image)",
        );
      }
      await api().post(`/images/${imagePath(source)}/tag`, operation, { query: tagQuery(target) });
      return {
        id: `${source}.${target}`,
        outputs: { ...withoutInternals(inputs), id: `${source}.${target}`, sourceImageId: image.Id },
      };
    },

    read: async (current) => current,
    delete: async () => undefined,
  };
}

function tagQuery(name: string): { repo: string; tag: string } {
  const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
  return colon < 0
    ? { repo: name, tag: "latest" }
    : { repo: name.slice(0, colon), tag: name.slice(colon + 1) };
}
