import { allImageRefs } from "../../../images/refs";
import type {
  MachineArgs,
  NodeImageArgs,
  SwarmClusterArgs,
  SwarmHost,
  SwarmMemberArgs,
  SwarmOptionsArgs,
} from "../../../index";

import type { HostLogin } from "../../hosts/namespaceHost";

/**
 * A value for every argument: the compiler says where one lacks. Those of `Given` are the tests' own, as they are of hosts or of images that
 * these make.
 */
type All<Args, Given extends keyof Args = never> = Required<Omit<Args, Given>>;

type ForVirtual = "driver" | "nodeCount" | "cpus" | "memory" | "disk" | "subnet" | "ports" | "suite";
/** Instead of `suite`. Tried with `NodeImage`, to which they are given on; such a disk takes minutes to become a node: test/cloudImage. */
type Pulled = "image" | "imageChecksum";

/** All that a swarm can be told, but for what only virtual machines can be. */
const swarm: All<SwarmOptionsArgs, "dataPathPort"> = {
  defaultAddressPools: ["10.20.0.0/16", "10.30.0.0/16"],
  subnetSize: 26,
  autolock: true,
  certificateExpiry: "90m",
  taskHistoryLimit: 2,
  rotateTokens: true,
};

const onNodes = (
  first: string,
  mode: string,
  last: string,
): Required<Pick<SwarmClusterArgs, "nodeLabels" | "availability">> => ({
  nodeLabels: { [first]: { "example.com/rack": "a b", empty: "" }, [last]: { disk: "ssd" } },
  availability: { [first]: mode, [last]: "drain" },
});

/** A cluster of virtual machines: test/e2e/managers.test.ts. */
export const virtualCluster: All<SwarmClusterArgs, "hosts" | Pulled> = {
  clusterName: "m",
  nodeCount: 3,
  managers: 3,
  ...onNodes("m2", "active", "m3"),
  swarm: { ...swarm, dataPathPort: 5789 } satisfies All<SwarmOptionsArgs>,
  driver: "qemu",
  cpus: 1,
  memory: 768,
  disk: 8,
  subnet: "192.168.61.0/24",
  ports: [8000, 8001],
  images: [allImageRefs().redis],
  suite: "trixie",
};

/** A cluster of hosts that are there already, `lab1` and `lab2`. */
export const hostCluster: All<SwarmClusterArgs, "hosts" | ForVirtual | Pulled> = {
  clusterName: "lab",
  managers: 1,
  ...onNodes("lab1", "pause", "lab2"),
  swarm,
  images: [allImageRefs().registry],
};

/** One of its hosts. */
export const swarmHost = (
  login: HostLogin,
  privateAddress: string,
  dataPathAddress: string,
): All<SwarmHost> => ({
  ...login,
  leaveSwarm: true,
  privateAddress,
  dataPathAddress,
});

/** A machine that is a host that is there already; the component asks for `status` itself. */
export const hostMachine = (
  login: HostLogin,
  privateAddress: string,
): All<MachineArgs, Exclude<ForVirtual, "driver" | "nodeCount"> | Pulled | "status"> => ({
  machineName: "spare",
  clusterName: "other",
  driver: "generic",
  ...login,
  leaveSwarm: true,
  privateAddress,
  images: [],
  adopt: true,
});

/** A virtual machine: test/e2e/drift.test.ts. */
export const virtualMachine: All<
  MachineArgs,
  Exclude<keyof SwarmHost, "dataPathAddress"> | Pulled | "status"
> & {
  privateAddress: string;
} = {
  machineName: "all",
  clusterName: "every",
  driver: "qemu",
  cpus: 2,
  memory: 640,
  disk: 5,
  subnet: "192.168.61.0/24",
  privateAddress: "192.168.61.77",
  ports: [8000, 8001],
  images: [allImageRefs().redis],
  suite: "trixie",
  adopt: true,
};

/** A node of a swarm made elsewhere, besides what that swarm gives: `machine`, `manager`, `token` and `host`. */
export const member: All<SwarmMemberArgs, "machine" | "manager" | "token" | "host"> = {
  availability: "drain",
  labels: { "example.com/rack": "a b", empty: "" },
};

/** Instead of the node image; `suite` is what the clusters of virtual machines give it. */
export const nodeImage = (image: string, imageChecksum: string): All<NodeImageArgs, "suite"> => ({
  image,
  imageChecksum,
});
