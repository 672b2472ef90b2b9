/** A Pulumi program: a cluster of hosts, an image, and a machine that is a member of its swarm, with all that `machines.ts` has. */
import * as pulumi from "@pulumi/pulumi";
import { Machine, NodeImage, SwarmCluster, SwarmMember } from "../../../index";
import type { HostLogin } from "../../hosts/namespaceHost";
import * as all from "./machines";

export interface GivenHost {
  readonly login: HostLogin;
  readonly privateAddress: string;
  readonly otherAddress: string;
  readonly docker: string;
}

const { HOSTS = "[]", MEMBER: withMember, IMAGE_URL: url = "", IMAGE_CHECKSUM: checksum = "" } = process.env;
const [one, two, three] = JSON.parse(HOSTS) as [GivenHost, GivenHost, GivenHost];

const cluster = new SwarmCluster("lab", {
  ...all.hostCluster,
  hosts: [one, two].map((host) => all.swarmHost(host.login, host.privateAddress, host.otherAddress)),
});

new NodeImage("image", all.nodeImage(url, checksum));

const machine = new Machine("spare-machine", all.hostMachine(three.login, three.privateAddress));
if (withMember !== undefined)
  new SwarmMember("spare", {
    ...all.member,
    machine,
    manager: one.privateAddress,
    token: cluster.workerToken,
    host: pulumi.output(one.docker),
  });
