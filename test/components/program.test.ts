/** What two components of one program must not have in common, and where they belong. */
import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { Recorder } from "./mocks";

const recorder = new Recorder();
recorder.start();

import {
  ComposeStack,
  Machine,
  type NetworkSubnet,
  OverlayNetwork,
  RegistryService,
  type ServiceArgs,
  type ServicePort,
  SwarmCluster,
  SwarmConfig,
  SwarmJob,
  SwarmSecret,
  SwarmService,
  WebService,
} from "../../index";

// It is required when it is used first, which must be in the file's own time.
void command.local.run;

// What is made goes on behind the tests' backs.
afterAll(async () => {
  await pulumi.runtime.disconnect();
  await new Promise((resolve) => setTimeout(resolve, 500));
}, 60_000);

const one = new SwarmCluster("one", { ports: [80, 81, 82, 83, 84] });
const two = new SwarmCluster("two", {});
const hosts = new SwarmCluster("there", { hosts: [{ host: "a" }] });
const others = new SwarmCluster("others", { hosts: [{ host: "b", sshPort: 2200 }] });
const moved = new SwarmCluster("moved", { swarm: { dataPathPort: 4790 } });
const network = new OverlayNetwork("net", {}, one.onSwarm);
const secret = new SwarmSecret("pw", { data: "a" }, one.onSwarm);
const config = new SwarmConfig("conf", { data: "a" }, one.onSwarm);

const service = (
  name: string,
  args: Partial<ServiceArgs> | { port: ServicePort },
  on: object = one.onSwarm,
) => {
  const { port, ...rest } = args as { port?: ServicePort };
  return new SwarmService(name, { image: "a", ...(port && { ports: [port] }), ...rest }, on);
};

describe("reservations", () => {
  it.each([
    [
      { cpuReservation: 2 },
      'cpuReservation: 2 CPUs can never run: each machine of SwarmCluster "one" has 1 CPUs',
    ],
    [
      { memoryReservation: 2048, constraints: ["node.role==manager"] },
      "memoryReservation: 2048 MiB can never run",
    ],
  ])("that no machine has are refused: %j", (args, message) => {
    expect(() => service("large", args)).toThrow(`service "large": ${message}`);
    expect(() => new SwarmJob("large", { image: "a", ...args }, one.onSwarm)).toThrow(
      `job "large": ${message}`,
    );
  });

  it("are refused as limits too: Docker on the node rejects them", () => {
    expect(() => service("limit", { cpuLimit: 2 })).toThrow(
      'service "limit": cpuLimit: 2 CPUs can never run',
    );
    service("high-limit", { memoryLimit: 64_000, cpuLimit: 1 });
  });

  it("may be those of a machine that another program adds, or of hosts", () => {
    service("fits", { cpuReservation: 1, memoryReservation: 1024 });
    service("elsewhere-large", { cpuReservation: 2, constraints: ["node.labels.size==large"] });
    service("host-large", { cpuReservation: 64 }, hosts.onSwarm);
  });
});

describe("ports", () => {
  it("are refused if the cluster does not forward them, by the name of the argument", () => {
    expect(() => service("lost", { port: { target: 80, published: 9090 } })).toThrow(
      'service "lost": ports.0.published: 9090 is not among the ports of SwarmCluster "one", so nobody would reach it from this host: add it there (ports: [80, 81, 82, 83, 84, 9090])',
    );
    expect(() => new WebService("web", { networkId: "n" }, one.onSwarm)).toThrow(
      /^WebService "web": port: 4000 is not among the ports of SwarmCluster "one"/,
    );
    const yaml = "services:\n  a:\n    image: redis:7\n    ports: ['9091:80']\n";
    expect(() => new ComposeStack("shop", { yaml }, one.onSwarm)).toThrow(
      /ports\.0\.published: 9091 is not among/,
    );
  });

  it("need no forwarding of UDP, of hosts, of a registry, where the swarm chooses, or beside a swarm that is not ours", () => {
    service("udp", { port: { target: 53, published: 9053, protocol: "udp" } });
    service("chosen", { port: { target: 80 } });
    service("on-host", { port: { target: 80, published: 9090 } }, hosts.onSwarm);
    service(
      "elsewhere",
      { port: { target: 80, published: 9090 } },
      { provider: new docker.Provider("own", {}) },
    );
    new RegistryService("registry", { manager: one.manager }, one.onSwarm);
    const kept = new SwarmCluster("kept", {}, { ignoreChanges: ["ports"] });
    service("kept", { port: { target: 80, published: 9090 } }, kept.onSwarm);
  });

  it.each<[number, ServicePort["protocol"], SwarmCluster, string]>([
    [22, "tcp", one, "sshd"],
    [22, "tcp", hosts, "sshd"],
    [2200, "tcp", others, "sshd"],
    [2377, "tcp", hosts, "the swarm's managers"],
    [7946, undefined, hosts, "gossip of the swarm"],
    [7946, "udp", one, "gossip of the swarm"],
    [4789, "udp", hosts, "the traffic of overlay networks"],
    [4790, "udp", moved, "the traffic of overlay networks"],
  ])("are refused where nodes have them themselves: %d/%s", (published, protocol, cluster, use) => {
    for (const mode of ["ingress", "host"] as const) {
      const name = `own-${mode}-${published}-${protocol}`;
      expect(() =>
        service(name, { port: { target: 80, published, protocol, mode } }, cluster.onSwarm),
      ).toThrow(
        `service "${name}": ports.0.published: ${published}/${protocol ?? "tcp"} is the nodes' own, of ${use}`,
      );
    }
  });

  it("may be those of nodes that are elsewhere", () => {
    service("ssh", { port: { target: 80, published: 22 } }, others.onSwarm);
    service("managers", { port: { target: 80, published: 2377, protocol: "udp" } }, hosts.onSwarm);
    service("overlay", { port: { target: 80, published: 4789, protocol: "udp" } }, moved.onSwarm);
  });

  it("say where no datagrams go", () => {
    const warn = jest.spyOn(pulumi.log, "warn").mockImplementation(async () => undefined);
    try {
      service("dns1", { port: { target: 53, published: 53, protocol: "udp" } });
      expect(warn.mock.calls.map(([text]) => text)).toEqual([
        'service "dns1": ports.0.published: 53/udp answers between the nodes only: the ports of SwarmCluster "one" forward TCP to this host, and nothing else',
      ]);
      service("dns2", { port: { target: 53, published: 53, protocol: "udp" } }, hosts.onSwarm);
      expect(warn).toHaveBeenCalledTimes(1);
    } finally {
      warn.mockRestore();
    }
  });

  it("belong to one service of a swarm", () => {
    service("first", { port: { target: 80, published: 80 } });
    expect(() => service("second", { port: { target: 81, published: 80 } })).toThrow(
      /^service "second": ports\.0\.published: 80\/tcp is published by service "first" already$/,
    );
    expect(() => service("third", { port: { target: 81, published: 80, mode: "host" } })).toThrow(
      /by service "first"/,
    );
    service("datagrams", { port: { target: 81, published: 80, protocol: "udp" } });
    service("there-too", { port: { target: 81, published: 80 } }, hosts.onSwarm);
    // Two may run on different nodes.
    service("host1", { port: { target: 81, published: 81, mode: "host" } });
    service("host2", { port: { target: 81, published: 81, mode: "host" } });
    expect(() => service("mesh", { port: { target: 81, published: 81 } })).toThrow(
      /81\/tcp is published by service "host1"/,
    );
  });
});

describe("names", () => {
  it("are those of one cluster, machine, host, address, service, job and network", () => {
    expect(() => new SwarmCluster("again", { clusterName: "one" })).toThrow(
      'SwarmCluster "again": clusterName: "one" is that of SwarmCluster "one" already',
    );
    new Machine("box", { privateAddress: "192.168.56.20", clusterName: "lab" });
    expect(() => new Machine("other", { machineName: "box" })).toThrow(
      'Machine "other": machineName: "box" is that of Machine "box" already',
    );
    service("named", { serviceName: "called" });
    expect(() => service("twin", { serviceName: "called" })).toThrow(
      'service "twin": serviceName: "called" is that of service "named" already',
    );
    expect(() => new SwarmJob("job", { image: "a", serviceName: "called" }, one.onSwarm)).toThrow(
      /"called" is that of/,
    );
    service("called-elsewhere", { serviceName: "called" }, two.onSwarm);
    new OverlayNetwork("n1", { networkName: "shared" }, one.onSwarm);
    expect(() => new OverlayNetwork("n2", { networkName: "shared" }, one.onSwarm)).toThrow(
      /networkName: "shared" is that of network "n1"/,
    );
  });
});

describe("tasks that wait for nodes", () => {
  let warn: jest.SpyInstance;
  beforeEach(() => {
    warn = jest.spyOn(pulumi.log, "warn").mockImplementation(async () => undefined);
  });
  afterEach(() => warn.mockRestore());
  const waits = (more: string) =>
    expect(warn.mock.calls.map(([text]) => text)).toEqual([
      `${more}; SwarmCluster "one" has 2 of its own, so tasks wait until others join`,
    ]);

  it("are named: more than fit", () => {
    service("most", { replicas: 5, maxReplicasPerNode: 2 });
    waits('service "most": replicas: 5 need 3 nodes, as maxReplicasPerNode is 2');
  });

  it("are named: more than nodes have their port", () => {
    service("ports3", { replicas: 3, port: { target: 80, published: 83, mode: "host" } } as never);
    waits('service "ports3": replicas: 3 need 3 nodes, as a port in the mode host is there once on a node');
  });

  it("are named: for a node that there is not", () => {
    service("there", { constraints: ["node.role==worker", "node.hostname == one9"] });
    waits('service "there": constraints.1: no node is "one9", they are one1, one2');
  });

  it("are none where all of them fit, and where nobody can tell", () => {
    service("fit1", { replicas: 4, maxReplicasPerNode: 2, constraints: ["node.hostname==ONE2"] });
    service("fit2", { replicas: 2, port: { target: 80, published: 84, mode: "host" } } as never);
    service("fit3", { mode: "global", maxReplicasPerNode: 1, constraints: ["node.hostname!=one9"] });
    service("fit4", { constraints: ["node.hostname==pi"] }, hosts.onSwarm);
    service("fit5", { replicas: 9, maxReplicasPerNode: 1 }, { provider: new docker.Provider("far", {}) });
    expect(warn).not.toHaveBeenCalled();
  });
});

describe("subnets", () => {
  const on = (name: string, subnet: string, { onSwarm }: SwarmCluster) =>
    new OverlayNetwork(name, { subnets: [{ subnet }] }, onSwarm);

  it("are of the network alone, and not of machines or the swarm", () => {
    on("wide", "10.9.0.0/16", one);
    expect(() => on("narrow", "10.9.7.0/24", one)).toThrow(
      'network "narrow": subnets.0.subnet: 10.9.7.0/24 overlaps 10.9.0.0/16, which network "wide" has already',
    );
    expect(() => on("machines", "192.168.0.0/16", one)).toThrow(
      'subnets.0.subnet: 192.168.0.0/16 overlaps 192.168.56.0/24, the subnet of the machines of SwarmCluster "one"',
    );
    expect(() => on("mesh", "10.0.0.0/24", hosts)).toThrow(
      '10.0.0.0/24 overlaps 10.0.0.0/24, the swarm\'s own network ingress of SwarmCluster "there"',
    );
    on("narrow-elsewhere", "10.9.7.0/24", two);
    on("private", "192.168.56.0/24", hosts);
  });

  it.each<[NetworkSubnet[], string]>([
    [
      [{ subnet: "10.20.0.0/24", gateway: "10.8.0.1" }],
      'subnets.0.gateway: "10.8.0.1" must be an address for a host in the subnet 10.20.0.0/24',
    ],
    [[{ subnet: "10.20.0.0/24", gateway: "10.20.0.0" }], "subnets.0.gateway: "],
    [[{ subnet: "10.20.0.0/24", gateway: "10.20.0.255" }], "subnets.0.gateway: "],
    [[{ subnet: "10.20.0.0/24", gateway: "fd00::1" }], "subnets.0.gateway: "],
    [[{ subnet: "fd00::/64", gateway: "fd01::1" }], "subnets.0.gateway: "],
    [
      [{ subnet: "10.20.0.0/24", ipRange: "10.8.0.0/25" }],
      'subnets.0.ipRange: "10.8.0.0/25" must be a part of the subnet 10.20.0.0/24',
    ],
    [[{ subnet: "10.20.0.0/24", ipRange: "10.20.0.0/16" }], "subnets.0.ipRange: "],
    [[{ gateway: "10.20.0.1" }], "subnets.0.subnet: must be given with gateway and ipRange"],
    [
      [{ subnet: "10.20.0.0/24" }, { subnet: "10.20.0.0/16" }],
      'subnets.1.subnet: "10.20.0.0/16" overlaps 10.20.0.0/24 of the same network',
    ],
  ])("are refused by their field: %j", (subnets, message) => {
    expect(() => new OverlayNetwork("wrong", { subnets }, two.onSwarm)).toThrow(
      `network "wrong": ${message}`,
    );
  });

  it("may have all that Docker takes", () => {
    new OverlayNetwork(
      "right",
      {
        subnets: [
          { subnet: "10.21.0.0/24", gateway: "10.21.0.254", ipRange: "10.21.0.128/25" },
          { subnet: "fd00:1::/64", gateway: "fd00:1::1" },
          { subnet: pulumi.output("10.22.0.0/24"), gateway: "10.22.0.1" },
          {},
        ],
      },
      two.onSwarm,
    );
  });
});

it.each(["ingress", "host", "bridge", "none", "default", "docker_gwbridge"])(
  "Docker's own network %s is no other one's name",
  async (networkName) => {
    expect(() => new OverlayNetwork("named", { networkName }, two.onSwarm)).toThrow(
      `network "named": networkName: "${networkName}" is the name of one of Docker's own networks: choose another one`,
    );
    // With a hash after it, it is another one.
    new OverlayNetwork(networkName, { internal: true }, two.onSwarm);
  },
);

describe("what belongs to another cluster", () => {
  it.each<[Partial<ServiceArgs>, string]>([
    [
      { secrets: [secret.file("a")] },
      'secrets.0.id: is secret "pw" of SwarmCluster "one", this is on SwarmCluster "two"',
    ],
    [{ configs: [config.file("/a")] }, 'configs.0.id: is config "conf" of SwarmCluster "one"'],
    [
      { networks: [{ networkId: network.networkId }] },
      'networks.0.networkId: is network "net" of SwarmCluster "one"',
    ],
  ])("is refused: %#", (args, message) => {
    expect(() => service("foreign", args, two.onSwarm)).toThrow(`service "foreign": ${message}`);
    expect(() => new SwarmJob("foreign", { image: "a", ...args }, two.onSwarm)).toThrow(
      `job "foreign": ${message}`,
    );
    service(`own-${Object.keys(args)}`, args);
  });
});

describe("without a swarm's options", () => {
  const said: string[] = [];
  let warn: jest.SpyInstance;
  beforeEach(() => {
    said.length = 0;
    warn = jest.spyOn(pulumi.log, "warn").mockImplementation(async (text) => void said.push(text));
  });
  afterEach(() => warn.mockRestore());

  it("says where it would go, once for what consists of several", () => {
    service("here", {}, {});
    new OverlayNetwork("here");
    new SwarmSecret("here", { data: "a" });
    new SwarmConfig("here", { data: "a" });
    new ComposeStack("here", {
      yaml: "services:\n  a:\n    image: redis:7\n    networks: [n]\nnetworks:\n  n: {}\n",
    });
    expect(
      said.map((text) => /^.*?: its options name no swarm, so it goes to/.test(text) && text.split(":")[0]),
    ).toEqual(['service "here"', 'network "here"', 'secret "here"', 'config "here"', 'ComposeStack "here"']);
    expect(() => new SwarmJob("here", { image: "a" })).toThrow(/cluster\.onSwarm/);
  });

  it("says nothing of a provider that is given on purpose", () => {
    const provider = new docker.Provider("mine", {});
    service("mine", {}, { provider });
    new OverlayNetwork("mine", {}, { provider });
    pulumi.runtime.setAllConfig({ "docker:host": "unix:///run/docker.sock" });
    service("configured", {}, {});
    pulumi.runtime.setAllConfig({});
    expect(said).toEqual([]);
  });
});
