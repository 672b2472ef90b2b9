import { UserError } from "../../host/userError";
import type { Provider } from "../rpc/resource";
import type { PropertyMap } from "../rpc/values";
import { DockerApi } from "./api";
import { getNetwork, network } from "./network";
import { service } from "./service";
import { daemonOf, parseSettings, type RegistryLogin, registryLogins, settings } from "./settings";
import { secret, serviceConfig } from "./swarmData";
import { volume } from "./volume";

/** Stands in for the plugin of @pulumi/docker 5.2.0, for what runs on a swarm. */
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
      "docker:index/network:Network": network(daemon),
      "docker:index/secret:Secret": secret(daemon),
      "docker:index/service:Service": service(daemon, () => logins),
      "docker:index/serviceConfig:ServiceConfig": serviceConfig(daemon),
      "docker:index/volume:Volume": volume(daemon),
    },
    functions: { "docker:index/getNetwork:getNetwork": getNetwork(daemon) },
    unsupported: [
      "docker:index/buildxBuilder:BuildxBuilder",
      "docker:index/container:Container",
      "docker:index/image:Image",
      "docker:index/plugin:Plugin",
      "docker:index/registryImage:RegistryImage",
      "docker:index/remoteImage:RemoteImage",
      "docker:index/tag:Tag",
      "docker:index/getLogs:getLogs",
      "docker:index/getPlugin:getPlugin",
      "docker:index/getRegistryImage:getRegistryImage",
      "docker:index/getRegistryImageManifests:getRegistryImageManifests",
      "docker:index/getRemoteImage:getRemoteImage",
    ],
    close: async () => {
      api?.close();
    },
  };
}
