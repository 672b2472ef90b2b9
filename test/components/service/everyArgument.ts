/** A Pulumi program: the services of `cases.ts`, without tasks, on the swarm at `DOCKER`. */
import * as docker from "@pulumi/docker";
import { OverlayNetwork, SwarmConfig, SwarmSecret, SwarmService } from "../../../index";
import { cases, newerCases } from "./cases";

const provider = new docker.Provider("swarm", { host: process.env.DOCKER ?? "" });
const on = { provider };
const { networkId } = new OverlayNetwork("net", {}, on);
const secret = new SwarmSecret("password", { data: "hunter2", labels: { a: "b" } }, on);
const config = new SwarmConfig("site", { data: "hello\n", labels: { a: "b" } }, on);

const all = cases({
  networkId,
  secret: ({ target = "password", ...more }: { target?: string } = {}) => secret.file(target, more),
  config: () => config.file("/etc/site"),
});
const newer = process.env.NEWER_DOCKER === "yes" ? newerCases : {};
for (const [name, args] of Object.entries({ ...all, ...newer })) {
  const replicas = args.mode === "global" ? {} : { replicas: 0 };
  new SwarmService(name, { image: "test:1", ...replicas, ...args }, on);
}
