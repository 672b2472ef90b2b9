import { readFileSync } from "node:fs";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { MachineResult, MachineStatus } from "../machine/result";
import { Component } from "./component";
import { existingHost, machineName as machineNames, virtualMachine } from "./machineArguments";
import { machineCommand } from "./machineCommand";
import { machineOwner } from "./machineOwner";
import { machineSpec, placeOf } from "./machineSpec";
import { lookedAt, machineStatus } from "./machineStatus";
import { claim } from "./program";
import { type ArgumentSchemas, checkArguments, type Rule } from "./service/arguments";
import { flag } from "./service/checks";

export interface MachineArgs {
  /** Host name, unique in one `VMCLUSTER_HOME`: letters, digits, hyphens, up to 30. Default: the resource's name. Changing it replaces the machine. */
  machineName?: pulumi.Input<string>;
  /** Machines of one cluster share a private network. Default: the machine's name. Changing it replaces the machine. */
  clusterName?: pulumi.Input<string>;
  /** What makes the machine: `qemu`, `virtualbox`, or `generic` for a host that is there already (`host` and what follows it; no `cpus`, `memory`, `disk`, `subnet`, `ports`, `suite`). Default `qemu`. Changing it replaces the machine. */
  driver?: pulumi.Input<string>;
  /** Virtual CPUs. Default 1. Changing it restarts the machine. */
  cpus?: pulumi.Input<number>;
  /** Memory in MiB, at least 512. Default 1024. Changing it restarts the machine. */
  memory?: pulumi.Input<number>;
  /** Disk in GiB, at least 4. Default 10. It only grows; growing restarts the machine. */
  disk?: pulumi.Input<number>;
  /** Private network of the cluster, IPv4 CIDR. Default `192.168.56.0/24`. Changing it replaces the machine. */
  subnet?: pulumi.Input<string>;
  /** Address on the private network. Default: the next free one of `subnet`; of an existing host the one at which it is reached. Changing it replaces the machine. */
  privateAddress?: pulumi.Input<string>;
  /** TCP ports that this host forwards from the machine's `address` to the machine, besides SSH. Default none. Changed in place. */
  ports?: pulumi.Input<pulumi.Input<number>[]>;
  /** Service images (`vmcluster.internal/…` references) the machine must have. Default none. Changed in place. */
  images?: pulumi.Input<pulumi.Input<string>[]>;
  /** Debian suite of the node image. Default `trixie`. Not together with `image`. */
  suite?: pulumi.Input<string>;
  /** Of an existing host (`driver: "generic"`): name or address at which the host answers SSH. Changing it replaces the machine. */
  host?: pulumi.Input<string>;
  /** Who logs in: root, or a user who has sudo without a password. Default `root`. */
  sshUser?: pulumi.Input<string>;
  /** Port of the host's sshd. Default 22. Changing it replaces the machine. */
  sshPort?: pulumi.Input<number>;
  /** Private key file, absolute or from `~/`, without a passphrase; it stays yours. Default: the first of `~/.ssh/id_ed25519`, `id_ecdsa`, `id_rsa`. */
  identity?: pulumi.Input<string>;
  /** The host's SSH key, `ssh-ed25519 AAAA…`. Default: the one in your `known_hosts`, else the one it shows the first time. Pinned from then on. */
  hostKey?: pulumi.Input<string>;
  /** Make a host that is in a swarm already leave it. Default false: such a host is refused. */
  leaveSwarm?: pulumi.Input<boolean>;
  /**
   * Name of an image that `vmcluster image pull` got, instead of the node image: a cloud image of another distribution, say; or its
   * URL, with `imageChecksum`, by which it is pulled once. Docker is installed in it when the machine is made. Only of the qemu driver.
   * Default none. Changing it replaces the machine.
   */
  image?: pulumi.Input<string>;
  /** Of an `image` that is given by its URL: `sha256:…` or `sha512:…` of the file. */
  imageChecksum?: pulumi.Input<string>;
  /**
   * Take over a machine of this name that a person (`vmcluster machine create`) or another program made; from then on it is this
   * program's, and destroyed with it. Default false: such a machine is refused. May be left out again once it is taken over.
   */
  adopt?: pulumi.Input<boolean>;
  /** What `vmcluster machine status` says of the machine; asked by the component itself unless given. */
  status?: pulumi.Input<MachineStatus>;
}

const argumentSchemas: ArgumentSchemas<MachineArgs> = {
  machineName: machineNames.optional(),
  clusterName: machineNames.optional(),
  ...virtualMachine,
  ...existingHost,
  adopt: flag.optional(),
  status: z.unknown().optional(),
};

/** No other machine of the program may be called so, or be at the same place. */
function claimPlace(what: string, machineName: pulumi.Input<string>, args: MachineArgs): void {
  claim("machine", machineName, what, "machineName");
  const { host, sshPort = 22, clusterName = machineName, privateAddress } = args;
  if (host !== undefined)
    claim(
      "host",
      pulumi.interpolate`${pulumi.output(host).apply((it) => it.toLowerCase())}, port ${sshPort}`,
      what,
      "host",
    );
  if (privateAddress !== undefined)
    claim(
      "address",
      pulumi.interpolate`${privateAddress} of the cluster ${clusterName}`,
      what,
      "privateAddress",
    );
}

/** Where no other name is given, the machine is called as the resource is. */
const nameRule =
  (name: string): Rule =>
  ({ machineName = name }) => {
    const message = machineNames.safeParse(machineName).error?.issues[0]?.message;
    return message === undefined ? undefined : ["machineName", `${JSON.stringify(machineName)} ${message}`];
  };

/**
 * A virtual machine with Docker, reachable by SSH with a key and a host key of its own; or a host that is there already.
 *
 * The option `ignoreChanges` takes `cpus`, `memory`, `disk`, `ports` and `images`: a machine that is there keeps its own.
 */
export class Machine extends Component {
  readonly machineName: pulumi.Output<string>;
  /** Address at which this host reaches the machine. */
  readonly address: pulumi.Output<string>;
  readonly sshPort: pulumi.Output<number>;
  /** Address on the cluster's private network. It never changes. */
  readonly privateAddress: pulumi.Output<string>;
  /** OpenSSH client configuration file: `ssh -F <sshConfig> <machineName>` logs in. */
  readonly sshConfig: pulumi.Output<string>;
  /** Changes when the machine is made anew, and only then. */
  readonly machineId: pulumi.Output<string>;
  /** For `command.remote.Command`: pinned host key, private key as a secret. */
  readonly connection: pulumi.Output<command.types.input.remote.ConnectionArgs>;
  /** The resource whose deletion removes the machine: what lives on it names this as `deletedWith`. */
  readonly vm: command.local.Command;

  constructor(name: string, args: MachineArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super("vmcluster:index:Machine", name, opts);
    const what = `Machine "${name}"`;
    checkArguments(what, args, argumentSchemas, [nameRule(name)]);
    const machineName = args.machineName ?? name;
    claimPlace(what, machineName, args);
    const { clusterName, machineName: _named, adopt: _adopt, status: _status, ...asked } = args;
    const wanted = pulumi
      .output({ ...asked, name: machineName, owner: machineOwner(), cluster: clusterName ?? machineName })
      .apply(machineSpec);
    const adopt = pulumi.output(args.adopt ?? false);
    const status = pulumi.output(
      args.status ??
        pulumi
          .all([wanted, adopt])
          .apply(
            async ([one, adopt]) =>
              (
                await machineStatus(
                  [{ ...one, adopt, ignoreChanges: opts?.ignoreChanges, ...lookedAt(opts) }],
                  this,
                )
              )[one.name] as MachineStatus,
          ),
    );
    const spec = pulumi.all([wanted, status]).apply(([one, { kept }]) => ({ ...one, ...kept }));

    this.vm = new command.local.Command(
      `${name}-vm`,
      {
        interpreter: machineCommand("machine"),
        create: adopt.apply((may) => (may ? "adopt" : "apply")),
        // It is in this program's state: also after the stack was renamed it is the same machine.
        update: "adopt",
        delete: "rm",
        stdin: pulumi.jsonStringify(spec),
        environment: { VMCLUSTER_CONDITION: status.condition },
        logging: command.local.Logging.Stderr,
        // What makes it another machine; everything else `apply` changes in place.
        triggers: spec.apply((one) => [
          ...[one.name, one.cluster, placeOf(one), one.subnet ?? "", one.privateAddress ?? ""],
          ...(one.image === undefined ? [] : [one.image]),
        ]),
      },
      // A machine's name, address and disk belong to one VM at a time.
      // How it was first made is no change of the machine.
      { parent: this, deleteBeforeReplace: true, ignoreChanges: ["create"] },
    );

    // Of a machine that stays, all this is known before it is changed: a preview need not show what hangs on it as changed too.
    const result = pulumi
      .all([status, this.vm.urn])
      .apply(([{ machine }]) =>
        machine === undefined
          ? this.vm.stdout.apply((stdout) => JSON.parse(stdout) as MachineResult)
          : pulumi.output(machine),
      );
    this.machineName = result.name;
    this.address = result.address;
    this.sshPort = result.sshPort;
    this.privateAddress = result.privateAddress;
    this.sshConfig = result.sshConfig;
    this.machineId = result.machineId;
    this.connection = pulumi.all([result, this.vm.urn]).apply(([machine, urn]) => ({
      host: machine.address,
      port: machine.sshPort,
      user: machine.sshUser,
      hostKey: machine.hostKey,
      privateKey: pulumi.secret(keyOf(machine, urn)),
    }));
    this.registerOutputs({
      machineName: this.machineName,
      address: this.address,
      sshPort: this.sshPort,
      privateAddress: this.privateAddress,
      sshConfig: this.sshConfig,
      machineId: this.machineId,
    });
  }
}

/** Its private key. Throws a `pulumi.RunError` if the machine's files were lost: then it can be neither reached nor mended. */
function keyOf({ name, identityFile }: MachineResult, urn: string): string {
  try {
    return readFileSync(identityFile, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new pulumi.RunError(
      `machine "${name}": its files are gone, with its key: there is no ${identityFile}. Put them back if you moved them (VMCLUSTER_HOME?); ` +
        `or make the machine anew, without its data: vmcluster up --replace '${urn}'`,
    );
  }
}
