import type * as pulumi from "@pulumi/pulumi";
import { Component } from "./component";
import type { ServiceArgs } from "./service/args";
import { serviceResource } from "./service/resource";

/**
 * A service of the swarm. `up` ends when its tasks run, healthy where they have a health check; it fails with what the tasks say.
 *
 * @example
 * new SwarmService("api", { image: "ghcr.io/example/api:3", replicas: 3, ports: [{ target: 8080, published: 80 }] }, cluster.onSwarm);
 */
export class SwarmService extends Component {
  readonly serviceId: pulumi.Output<string>;
  /** Name in the swarm: the host name for other services on its networks. */
  readonly serviceName: pulumi.Output<string>;
  /** What it publishes, by the port in the containers; also those that the swarm chose. */
  readonly publishedPorts: pulumi.Output<Record<string, number>>;

  constructor(name: string, args: ServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:SwarmService", name, opts);
    const service = serviceResource(this, name, args, opts);
    this.serviceId = service.id;
    this.serviceName = service.name;
    this.publishedPorts = service.endpointSpec.apply((endpoint) =>
      Object.fromEntries(
        (endpoint?.ports ?? []).map(({ targetPort, publishedPort }) => [targetPort, publishedPort ?? 0]),
      ),
    );
    this.registerOutputs({
      serviceId: this.serviceId,
      serviceName: this.serviceName,
      publishedPorts: this.publishedPorts,
    });
  }
}
