import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { Component } from "./component";
import { machineCommand } from "./machineCommand";
import { machineOwner } from "./machineOwner";
import { networksOf } from "./network/replacement";
import { checkOrigins, checkSize, claim, namesOf } from "./program";
import type { SwarmJobArgs } from "./service/args";
import { Checker } from "./service/checks";
import { jobInputs } from "./service/jobInputs";
import { inherited } from "./serviceDefaults";
import { swarmHost } from "./swarmHost";

/**
 * A program that runs on the swarm to its end: a migration, a backup, something to be done on every node. `up` waits for it, and fails
 * with what its tasks said if they fail. It runs again when it changes, else never; with `destroy` it is removed, running or not.
 *
 * Made by the machine command, as the Docker plugin knows no jobs: `up` shows it as a command.
 *
 * @example
 * new SwarmJob("migrate", { image: "ghcr.io/example/api:3", command: ["migrate"] }, cluster.onSwarm);
 */
export class SwarmJob extends Component {
  /** The job's service in the swarm. */
  readonly serviceId: pulumi.Output<string>;

  constructor(name: string, args: SwarmJobArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:SwarmJob", name, opts);
    const { provider, host } = swarmHost(this, `SwarmJob "${name}"`);
    const inputs = jobInputs(name, args, new Checker(`job "${name}"`));
    const what = `job "${name}"`;
    checkOrigins(this, what, "networks", args.networks, "networkId");
    checkOrigins(this, what, "secrets", args.secrets, "id");
    checkOrigins(this, what, "configs", args.configs, "id");
    checkSize(this, what, args);
    claim("service", args.serviceName ?? name, what, "serviceName", namesOf(this));
    const job = new command.local.Command(
      `${name}-job`,
      {
        interpreter: machineCommand("machine"),
        create: "swarm-job",
        delete: "swarm-job-rm",
        stdin: pulumi.jsonStringify({
          host,
          owner: machineOwner(),
          ...inputs,
        }),
        logging: command.local.Logging.Stderr,
      },
      {
        ...inherited(opts),
        // A network cannot be removed while a job is on it, also one that has ended; the docker provider's services are replaced by themselves.
        replaceWith: [...(opts?.replaceWith ?? []), ...networksOf(args.networks)],
        parent: this,
        deleteBeforeReplace: true,
        // What the swarm cannot change of a service.
        replacementTrigger: pulumi.jsonStringify([
          inputs.service.name,
          inputs.run.apply(({ everyNode }) => everyNode === true),
        ]),
        dependsOn: provider,
      },
    );
    // The job's environment may be secret, and what the command prints with it; this is not.
    this.serviceId = pulumi.unsecret(
      job.stdout.apply((printed) => (JSON.parse(printed) as { serviceId: string }).serviceId),
    );
    this.registerOutputs({ serviceId: this.serviceId });
  }
}
