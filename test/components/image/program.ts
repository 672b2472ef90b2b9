/** A Pulumi program: an image of the folder `CONTEXT`, published to a registry with a login, and services of it on the swarm at `DOCKER`. */
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { PinnedImage, ServiceImage, SwarmService } from "../../../index";

const { DOCKER: host = "", CONTEXT: context = "", CONTENTS, TAGS } = process.env;
const on = { provider: new docker.Provider("swarm", { host }) };
const login = {
  server: "127.0.0.1:5000",
  username: "ada",
  password: new pulumi.Config().requireSecret("password"),
};
// The registry is in the daemon's network namespace: this process does not reach it.
const registry = { ...login, docker: { host }, contentsId: CONTENTS ?? "1" };

const app = new ServiceImage(
  "app",
  { context, registry, buildArgs: { GREETING: "hello" }, tags: TAGS?.split(",") },
  on,
);
new SwarmService(
  "app",
  { image: app.imageRef, registry: login, stopGracePeriod: "1s", updateConfig: { monitor: "1s" } },
  on,
);
const image = app.publishedRef.apply(() => "127.0.0.1:5000/app:latest");
const same = new PinnedImage("same", { image, registry });
new SwarmService("pinned", { image: same.imageRef, registry: login, replicas: 0 }, on);
export const { imageRef, publishedRef } = app;
