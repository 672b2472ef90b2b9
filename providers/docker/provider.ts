import { UserError } from "../../host/userError";
import type { Provider } from "../rpc/resource";
import type { PropertyMap } from "../rpc/values";
import { DockerApi } from "./api";
import { container } from "./container";
import { getLogs, getNetwork, getRegistryImage, getRemoteImage } from "./functions";
import { image } from "./image";
import { network } from "./network";
import { registryImage } from "./registryImage";
import { remoteImage } from "./remoteImage";
import { service } from "./service";
import { daemonOf, parseSettings, type RegistryLogin, registryLogins, settings } from "./settings";
import { secret, serviceConfig } from "./swarmData";
import { tag } from "./tag";
import { volume } from "./volume";

/** Stands in for the plugin of @pulumi/docker 5.2.0, for what runs on a swarm or a single daemon. */
export function dockerProvider(): Provider {
  let config: PropertyMap = {};
  let api: DockerApi | undefined;
  let logins: readonly RegistryLogin[] = [];

  /** Connects at the first use only: previews need no daemon, and the machine may not be there yet. */
  function daemon(): DockerApi {
    if (api) return api;
    const where = daemonOf(config);
    if (where === undefined) {
      throw new UserError(
        "the Docker host is not known yet",
        "it comes from a resource that does not exist so far",
      );
    }
    api = new DockerApi(where);
    return api;
  }

  return {
    name: "docker",
    version: "5.2.0",
    bridged: true,
    config: settings,
    parseConfig: parseSettings,
    configure: async (given) => {
      daemonOf(given);
      logins = registryLogins(given);
      config = given;
      api?.close();
      api = undefined;
    },
    resources: {
      "docker:index/container:Container": container(daemon, () => logins),
      "docker:index/image:Image": image(daemon, () => logins),
      "docker:index/network:Network": network(daemon),
      "docker:index/registryImage:RegistryImage": registryImage(daemon, () => logins),
      "docker:index/remoteImage:RemoteImage": remoteImage(daemon, () => logins),
      "docker:index/secret:Secret": secret(daemon),
      "docker:index/service:Service": service(daemon, () => logins),
      "docker:index/serviceConfig:ServiceConfig": serviceConfig(daemon),
      "docker:index/tag:Tag": tag(daemon),
      "docker:index/volume:Volume": volume(daemon),
    },
    functions: {
      "docker:index/getLogs:getLogs": getLogs(daemon),
      "docker:index/getNetwork:getNetwork": getNetwork(daemon),
      "docker:index/getRegistryImage:getRegistryImage": getRegistryImage(() => logins),
      "docker:index/getRemoteImage:getRemoteImage": getRemoteImage(daemon),
    },
    unsupported: [
      "docker:index/buildxBuilder:BuildxBuilder",
      "docker:index/plugin:Plugin",
      "docker:index/getPlugin:getPlugin",
      "docker:index/getRegistryImageManifests:getRegistryImageManifests",
    ],
    close: async () => {
      api?.close();
    },
  };
}
