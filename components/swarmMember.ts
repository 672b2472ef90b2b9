import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { Component } from "./component";
import { machineCommand } from "./machineCommand";
import { type ArgumentSchemas, checkArguments } from "./service/arguments";
import { Checker, nodeLabels, oneOf } from "./service/checks";

export interface SwarmMemberArgs {
  /** The machine that joins: a `Machine`. */
  machine: SwarmMemberMachine;
  /** A manager of the swarm as the machine reaches it: `10.0.0.5`, or `10.0.0.5:2377` with another port than that. */
  manager: pulumi.Input<string>;
  /** What `docker swarm join-token worker` says there (or `manager`). Kept as a secret. */
  token: pulumi.Input<string>;
  /**
   * Docker of a manager as this host reaches it, `ssh://user@host`, by the user's own SSH configuration. Needed for `labels`, for moving the
   * node's tasks away before its machine restarts, and for taking it off the swarm's list when it leaves. Default none.
   */
  host?: pulumi.Input<string>;
  /** Whether it takes tasks: `active`, `pause` or `drain`. Default: as it is. Without `host` it is set when it joins. */
  availability?: pulumi.Input<string>;
  /** Labels of the node, for placement. Labels that others have set stay. */
  labels?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

export interface SwarmMemberMachine {
  machineName: pulumi.Input<string>;
  machineId: pulumi.Input<string>;
}

const address = z
  .string()
  .regex(
    /^([A-Za-z0-9][A-Za-z0-9.-]*|\[[0-9a-fA-F:]+\])(:\d{1,5})?$/,
    "must be an address, such as 10.0.0.5 or 10.0.0.5:2377",
  )
  .transform((text) => (/:\d+$/.test(text) && !text.endsWith("]") ? text : `${text}:2377`));
const dockerHost = z
  .string()
  .regex(/^(ssh:\/\/[^-\s]\S*|unix:\/\/\/\S+)$/, "must be ssh://[user@]name[:port]");

const machine = z.custom<SwarmMemberMachine>(
  (value) => typeof value === "object" && value !== null && "machineName" in value && "machineId" in value,
  "must be a Machine",
);
const availability = oneOf("active", "pause", "drain");

const argumentSchemas: ArgumentSchemas<SwarmMemberArgs> = {
  machine,
  manager: address,
  token: z.string(),
  host: dockerHost.optional(),
  availability: availability.optional(),
  labels: nodeLabels.optional(),
};

/** What was given in its place must not be in the message. */
export function checkedToken(name: string, token: string): string {
  if (/^SWMTKN-1-[0-9a-z]{50}-[0-9a-z]{25}$/.test(token)) return token;
  throw new pulumi.RunError(
    `SwarmMember "${name}": token: must be a join token, SWMTKN-1-…, as docker swarm join-token worker says it`,
  );
}

/**
 * A machine as a node of a swarm that was made elsewhere, by hand or by another program. When it is taken out of the program it is drained,
 * leaves, and goes off the swarm's list of nodes.
 *
 * @example
 * const machine = new Machine("extra");
 * new SwarmMember("extra-node", { machine, manager: "10.0.0.5", token: config.requireSecret("workerToken") });
 */
export class SwarmMember extends Component {
  readonly nodeId: pulumi.Output<string>;

  constructor(name: string, args: SwarmMemberArgs, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:SwarmMember", name, opts);
    checkArguments(`SwarmMember "${name}"`, args, argumentSchemas);
    const check = new Checker(`SwarmMember "${name}"`);
    if (args.labels !== undefined && args.host === undefined)
      throw new pulumi.RunError(
        `SwarmMember "${name}": labels: need host, a manager's Docker that can be asked to set them, such as ssh://root@10.0.0.5`,
      );
    const token = pulumi.output(args.token).apply((text) => checkedToken(name, text));
    const node = new command.local.Command(
      `${name}-member`,
      {
        interpreter: machineCommand("machine"),
        create: "swarm-join",
        delete: "swarm-quit",
        stdin: pulumi.jsonStringify({
          machine: args.machine.machineName,
          machineId: args.machine.machineId,
          manager: check.field("manager", address, args.manager),
          token: pulumi.secret(token),
          host: check.optional("host", dockerHost, args.host),
          availability: check.optional("availability", availability, args.availability),
          labels: check.field("labels", nodeLabels, args.labels ?? {}),
        }),
        triggers: [args.machine.machineId],
        logging: command.local.Logging.Stderr,
      },
      { parent: this, deleteBeforeReplace: true },
    );
    this.nodeId = pulumi.unsecret(
      node.stdout.apply((printed) => (JSON.parse(printed) as { nodeId: string }).nodeId),
    );
    this.registerOutputs({ nodeId: this.nodeId });
  }
}
