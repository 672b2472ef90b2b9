/** A Pulumi program: a network with the arguments in `NETWORK`, services and a job on it, on the swarm at `DOCKER`. */
import * as docker from "@pulumi/docker";
import { OverlayNetwork, type OverlayNetworkArgs, SwarmJob, SwarmService } from "../../index";

const on = { provider: new docker.Provider("swarm", { host: process.env.DOCKER ?? "" }) };
const args = JSON.parse(process.env.NETWORK ?? "{}") as OverlayNetworkArgs;
const { networkId } = new OverlayNetwork("webnet", args, on);
const networks = [{ networkId }, { networkId: new OverlayNetwork("other", {}, on).networkId }];
const quick = { image: "test:1", stopGracePeriod: "1s" };

// By `tasks.db`, as the address of a service takes more than some kernels have.
new SwarmService("db", { ...quick, networks }, on);
new SwarmService(
  "web",
  {
    ...quick,
    networks,
    healthCheck: { test: ["CMD-SHELL", "ping -c 1 tasks.db"], interval: "1s", timeout: "5s" },
  },
  on,
);
new SwarmJob("job", { image: "test:1", networks, command: ["true"] }, on);
