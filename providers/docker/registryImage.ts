/**
 * `docker:index/registryImage:RegistryImage`: an image in a registry, sent there by the daemon. Specified by the Docker
 * Engine API ("ImagePush"), the OCI distribution specification and
 * kreuzwerker/terraform-provider-docker: internal/provider/resource_docker_registry_image_funcs.go.
 */
import { UserError } from "../../host/userError";
import { boolean, map, object, type Properties, string } from "../rpc/property";
import type { Operation, ResourceType } from "../rpc/resource";
import { isPropertyMap, type PropertyMap, type PropertyValue, reveal } from "../rpc/values";
import type { DockerApi } from "./api";
import { buildImage } from "./build";
import { buildBlock, buildRequest, checkBuild } from "./buildProperties";
import { text } from "./containerSpec";
import { bareRegistry, type ImageName, parseImageName } from "./imageName";
import { pushImage } from "./push";
import { type RegistryAccess, RegistryClient } from "./registryClient";
import type { RegistryLogin } from "./settings";
import { previewedOutputs, withoutInternals } from "./state";

const replaces = { replaces: true };

const properties: Properties = {
  name: string({ autoname: true, ...replaces }),
  triggers: map(string(), replaces),
  keepRemotely: boolean(),
  insecureSkipVerify: boolean(),
  authConfig: object("RegistryImageAuthConfig", {
    address: string({ required: true }),
    username: string(),
    password: string({ secret: true }),
  }),
  build: buildBlock("RegistryImageBuild"),
  sha256Digest: string({ output: true }),
};

export function registryImage(api: () => DockerApi, logins: () => readonly RegistryLogin[]): ResourceType {
  function registryOf(opened: PropertyMap): { name: ImageName; access: RegistryAccess } {
    const name = parseImageName(String(opened.name));
    return { name, access: accessTo(name.registry, opened, logins()) };
  }

  async function digestOf(inputs: PropertyMap, operation: Operation): Promise<string | undefined> {
    const { name, access } = registryOf(reveal(inputs) as PropertyMap);
    return new RegistryClient(name.registry, access, operation).digest(name);
  }

  return {
    properties,
    checkTogether: checkBuild,
    // The same content has the same digest, by which the old one is deleted: it would take the new one with it.
    deleteBeforeReplace: () => true,
    preview: (inputs, olds) => previewedOutputs(properties, inputs, olds),

    async create(inputs, operation) {
      const opened = reveal(withoutInternals(inputs)) as PropertyMap;
      const image = String(opened.name);
      if (isPropertyMap(opened.build)) {
        await buildImage(api(), buildRequest(image, opened.build, undefined, logins()), operation);
      }
      const { access } = registryOf(opened);
      const login = { username: access.username, password: access.password, serveraddress: access.address };
      const pushed = await pushImage(api(), image, login, operation);
      const digest = (await digestOf(inputs, operation)) ?? pushed;
      if (digest === undefined) throw new UserError(`${image} was pushed and is not in its registry`);
      return { id: digest, outputs: outputsOf(inputs, digest, digest) };
    },

    async update({ id, inputs, oldOutputs }, operation) {
      const digest = (await digestOf(inputs, operation)) ?? oldOutputs.sha256Digest ?? id;
      return outputsOf(inputs, id, digest);
    },

    async read({ id, inputs, outputs }, operation) {
      const known = Object.keys(inputs).length === 0 ? outputs : inputs;
      if (text(reveal(known.name ?? "")) === undefined) return undefined;
      const digest = await digestOf(known, operation);
      return digest === undefined
        ? undefined
        : { id, inputs: known, outputs: { ...withoutInternals(outputs), id, sha256Digest: digest } };
    },

    async delete({ outputs }, operation) {
      const opened = reveal(outputs) as PropertyMap;
      if (opened.keepRemotely === true) return;
      const { name, access } = registryOf(opened);
      const client = new RegistryClient(name.registry, access, operation);
      await client.delete(name.repository, String(opened.sha256Digest));
    },
  };
}

function outputsOf(inputs: PropertyMap, id: string, digest: PropertyValue): PropertyMap {
  const settings = { insecureSkipVerify: false, keepRemotely: false };
  return { ...settings, ...withoutInternals(inputs), id, sha256Digest: digest };
}

/** The login that the resource gives, else the provider's for this registry. */
export function accessTo(
  registry: string,
  opened: PropertyMap,
  logins: readonly RegistryLogin[],
): RegistryAccess {
  const insecure = opened.insecureSkipVerify === true;
  const own = opened.authConfig;
  if (isPropertyMap(own)) {
    return {
      address: text(own.address),
      username: text(own.username),
      password: text(own.password),
      insecure,
    };
  }
  const login = logins.find(({ address }) => bareRegistry(address) === registry);
  if (!login) return { insecure };
  const { address, username, password, authDisabled } = login;
  return authDisabled ? { address, insecure } : { address, username, password, insecure };
}
