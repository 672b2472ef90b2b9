/** A Pulumi program: the services of the file `SERVICES`, by name, on the swarm at `DOCKER`. */
import { readFileSync } from "node:fs";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { type ServiceArgs, SwarmService } from "../../../index";

const { DOCKER: host = "", SERVICES: file = "" } = process.env;
const services = JSON.parse(readFileSync(file, "utf8")) as Record<string, ServiceArgs>;
const provider = new docker.Provider("swarm", { host });
for (const [name, { env, ...args }] of Object.entries(services))
  new SwarmService(name, { ...args, env: env && pulumi.secret(env) }, { provider });
