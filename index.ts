/** The public API: Pulumi component resources. */
export { ComposeStack, type ComposeStackArgs } from "./components/composeStack";
export { GetStartedStack, type GetStartedStackArgs, type StackUrls } from "./components/getStartedStack";
export type { ImageDocker, ImageRegistry } from "./components/image/registry";
export { Machine, type MachineArgs } from "./components/machine";
export { NodeImage, type NodeImageArgs } from "./components/nodeImage";
export { type NetworkSubnet, OverlayNetwork, type OverlayNetworkArgs } from "./components/overlayNetwork";
export { PinnedImage, type PinnedImageArgs } from "./components/pinnedImage";
export { RedisService, type RedisServiceArgs } from "./components/redisService";
export { type RegistryHost, RegistryService, type RegistryServiceArgs } from "./components/registryService";
export type * from "./components/service/args";
export { ServiceImage, type ServiceImageArgs } from "./components/serviceImage";
export {
  SwarmCluster,
  type SwarmClusterArgs,
  type SwarmHost,
  type SwarmNode,
} from "./components/swarmCluster";
export { SwarmConfig, type SwarmConfigArgs } from "./components/swarmConfig";
export { SwarmJob, type SwarmJobArgs } from "./components/swarmJob";
export { SwarmMember, type SwarmMemberArgs } from "./components/swarmMember";
export type { SwarmOptionsArgs } from "./components/swarmOptions";
export { SwarmSecret, type SwarmSecretArgs } from "./components/swarmSecret";
export { SwarmService } from "./components/swarmService";
export { VisualizerService, type VisualizerServiceArgs } from "./components/visualizerService";
export { WebService, type WebServiceArgs } from "./components/webService";
