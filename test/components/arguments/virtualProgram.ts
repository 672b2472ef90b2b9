/** A Pulumi program: a cluster of virtual machines and a machine beside it, with all that `machines.ts` has. Nothing runs it but mocks. */
import { Machine, SwarmCluster } from "../../../index";
import * as all from "./machines";

new SwarmCluster("m", all.virtualCluster);
new Machine("all", all.virtualMachine);
