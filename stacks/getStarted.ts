import * as pulumi from "@pulumi/pulumi";
import { GetStartedStack } from "../index";
import { readSettings } from "./config";

/** A Docker Swarm of two virtual machines that serves web, visualizer and redis. */
const stack = new GetStartedStack(
  "getstarted",
  readSettings(pulumi.getProject(), pulumi.runtime.allConfig()),
);

/** Name, role, address reachable from this host and private address of each node. */
export const nodes = stack.nodes;
/** Where to look: web at each node, visualizer, redis. */
export const urls = stack.urls;
/** Command that logs in to each node. */
export const ssh = stack.ssh;
