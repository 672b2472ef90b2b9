/** A Pulumi program: the compose file `COMPOSE_TEST_FILE` on the swarm at `DOCKER`. */
import * as docker from "@pulumi/docker";
import { ComposeStack } from "../../../index";

const provider = new docker.Provider("swarm", { host: process.env.DOCKER ?? "" });
const file = process.env.COMPOSE_TEST_FILE ?? "";
const stack = new ComposeStack("shop", { file, variables: { IMAGE: "test:1" } }, { provider });

export const services = stack.serviceIds;
