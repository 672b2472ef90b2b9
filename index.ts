/** The public API: Pulumi component resources. */
export { ComposeStack, type ComposeStackArgs } from "./components/composeStack";
export { GetStartedStack, type GetStartedStackArgs, type StackUrls } from "./components/getStartedStack";
export { Machine, type MachineArgs } from "./components/machine";
export { NodeImage, type NodeImageArgs } from "./components/nodeImage";
export { type NetworkSubnet, OverlayNetwork, type OverlayNetworkArgs } from "./components/overlayNetwork";
export { RedisService, type RedisServiceArgs } from "./components/redisService";
export type * from "./components/service/args";
export {
  SwarmCluster,
  type SwarmClusterArgs,
  type SwarmHost,
  type SwarmNode,
} from "./components/swarmCluster";
export { SwarmConfig, type SwarmConfigArgs } from "./components/swarmConfig";
export { type JobUlimit, SwarmJob, type SwarmJobArgs } from "./components/swarmJob";
export type { SwarmOptionsArgs } from "./components/swarmOptions";
export { SwarmSecret, type SwarmSecretArgs } from "./components/swarmSecret";
export { SwarmService } from "./components/swarmService";
export { VisualizerService, type VisualizerServiceArgs } from "./components/visualizerService";
export { WebService, type WebServiceArgs } from "./components/webService";
