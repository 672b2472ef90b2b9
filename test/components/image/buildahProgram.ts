/** A Pulumi program: an image of the folder `CONTEXT` that Buildah builds and publishes to `SERVER`, or to it by `WAY`, and a service of it at `DOCKER`. */
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { type ImageDocker, ServiceImage, SwarmService } from "../../../index";

const { DOCKER: host = "", CONTEXT: context = "", SERVER: server = "", WAY } = process.env;
const on = { provider: new docker.Provider("swarm", { host }) };
const login = { server, username: "ada", password: new pulumi.Config().requireSecret("password") };
const registry = WAY ? { ...login, docker: JSON.parse(WAY) as ImageDocker } : login;
const quick = { stopGracePeriod: "1s", updateConfig: { monitor: "1s" } };

const app = new ServiceImage("app", {
  ...{ builder: "buildah", context, registry, tags: ["latest", "v1"] },
  buildArgs: { GREETING: "two words" },
});
new SwarmService("app", { image: app.imageRef, registry: login, ...quick }, on);
new SwarmService("other", { image: "test:1", ...quick }, on);
export const { imageRef, publishedRef } = app;
