/**
 * `docker:index/remoteImage:RemoteImage`: an image that the daemon pulls or builds. Specified by the Docker Engine API
 * ("Image") and kreuzwerker/terraform-provider-docker: internal/provider/resource_docker_image_funcs.go.
 */
import type { CheckFailure } from "../rpc/check";
import { boolean, map, type Properties, set, string } from "../rpc/property";
import type { Operation, ResourceType } from "../rpc/resource";
import { isPropertyMap, type PropertyMap, reveal } from "../rpc/values";
import { type DockerApi, orGone } from "./api";
import { buildImage } from "./build";
import { buildBlock, buildRequest, checkBuild } from "./buildProperties";
import { text } from "./containerSpec";
import { type ApiImage, findImage, imagePath, pulledImage, repoDigestOf } from "./images";
import type { RegistryLogin } from "./settings";
import { previewedOutputs, withoutInternals } from "./state";

const replaces = { replaces: true };

const properties: Properties = {
  name: string({ required: true, ...replaces }),
  platform: string(replaces),
  pullTriggers: set(string(), replaces),
  triggers: map(string(), replaces),
  keepLocally: boolean(),
  forceRemove: boolean(),
  build: buildBlock("RemoteImageBuild"),
  imageId: string({ output: true }),
  repoDigest: string({ output: true }),
};

export function remoteImage(api: () => DockerApi, logins: () => readonly RegistryLogin[]): ResourceType {
  async function present(inputs: PropertyMap, operation: Operation): Promise<PropertyMap> {
    const { name, platform } = reveal(inputs) as PropertyMap;
    const pull = { name: String(name), platform: text(platform), logins: logins() };
    return outputsOf(inputs, await pulledImage(api(), pull, operation));
  }

  return {
    properties,
    checkTogether,
    preview: (inputs, olds) => previewedOutputs(properties, inputs, olds),

    async create(inputs, operation) {
      const { name, build, platform } = reveal(inputs) as PropertyMap;
      if (isPropertyMap(build)) {
        await buildImage(api(), buildRequest(String(name), build, text(platform), logins()), operation);
      }
      const outputs = await present(inputs, operation);
      return { id: String(outputs.id), outputs };
    },

    update: ({ inputs }, operation) => present(inputs, operation),

    async read({ id, inputs, outputs }, operation) {
      // Its ID is the image's with the name after it.
      const name = text(outputs.name) ?? text(inputs.name) ?? id.replace(/^sha256:[0-9a-f]{64}/, "");
      const there = await findImage(api(), name, operation);
      if (!there) return undefined;
      const known = Object.keys(inputs).length === 0 ? { name } : inputs;
      const now = outputsOf({ ...outputs, ...known }, there);
      return { id: String(now.id), outputs: now, inputs: known };
    },

    async delete({ outputs }, operation) {
      if (outputs.keepLocally === true) return;
      await orGone(
        api().delete(`/images/${imagePath(String(outputs.name))}`, operation, {
          query: { force: outputs.forceRemove === true },
        }),
      );
    },
  };
}

function outputsOf(inputs: PropertyMap, image: ApiImage): PropertyMap {
  const name = String(reveal(inputs.name ?? ""));
  return {
    ...withoutInternals(inputs),
    id: `${image.Id}${name}`,
    imageId: image.Id,
    repoDigest: repoDigestOf(name, image),
  };
}

function checkTogether(inputs: PropertyMap): CheckFailure[] {
  const both = inputs.build !== undefined && inputs.pullTriggers !== undefined;
  return [
    ...(both ? [{ property: "build", reason: "conflicts with pullTriggers" }] : []),
    ...checkBuild(inputs),
  ];
}
