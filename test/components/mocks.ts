import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What the components registered, in order, against mocks that answer as the machine command and swarm do. */
export class Recorder {
  readonly resources: Registered[] = [];
  /** Where the private keys of its machines are. */
  readonly keyFolder = mkdtempSync(join(tmpdir(), "vmcluster-test-"));
  /** Specs that `machine status` was asked about, by call. */
  readonly asked: { name: string; [field: string]: unknown }[][] = [];
  /** Conditions that `machine status` answers with, by machine; `ok` otherwise. */
  conditions: Record<string, string> = {};
  /** What `swarm-service-look` says of services. */
  condition = "ok";
  /** Machines that `machine status` says will stay as they are. */
  machines: Record<string, object> = {};
  /** Their places in a swarm. */
  swarm: Record<string, object> = {};
  /** Machines of a cluster that go, by who made the swarm that they manage. */
  otherManagers: Record<string, string> | undefined;
  /** What `image digest` was asked. */
  readonly digestQuestions: object[] = [];
  /** What it answers. */
  digest: object = {};
  /** What `machine swarm-settings` was asked. */
  readonly settingsQuestions: object[] = [];
  /** What it answers. */
  settings: object = {};
  /** What `image context-digest` answers. */
  context: object = { digest: "abc" };
  /** What `machine swarm-tokens` answers. */
  rotatedTokens = { Worker: "SWMTKN-new", Manager: "SWMTKN-newer" };
  /** Set: `machine status` answers with this preflight failure. */
  preflightError: string | undefined;

  start(): void {
    writeFileSync(join(this.keyFolder, "id"), "PRIVATE KEY");
    pulumi.runtime.setMocks(
      {
        newResource: (args) => {
          this.resources.push({ type: args.type, name: args.name, inputs: args.inputs });
          return { id: `${args.name}-id`, state: { ...args.inputs, ...this.outputs(args) } };
        },
        call: (args) => {
          if (args.token !== "command:local:run") throw new Error(`unexpected call ${args.token}`);
          if (args.inputs.command === "digest") {
            this.digestQuestions.push(JSON.parse(args.inputs.stdin as string) as object);
            return { stdout: JSON.stringify(this.digest) };
          }
          if (args.inputs.command === "swarm-service-look")
            return { stdout: JSON.stringify({ condition: this.condition }) };
          if (args.inputs.command === "swarm-network-id")
            return {
              stdout: JSON.stringify({ networkId: `${JSON.parse(args.inputs.stdin as string).name}` }),
            };
          if (args.inputs.command === "swarm-settings") {
            this.settingsQuestions.push(JSON.parse(args.inputs.stdin as string) as object);
            return { stdout: JSON.stringify(this.settings) };
          }
          if (args.inputs.command === "context-digest") return { stdout: JSON.stringify(this.context) };
          const specs = JSON.parse(args.inputs.stdin as string) as { name: string }[];
          this.asked.push(specs);
          const answer =
            this.preflightError === undefined
              ? {
                  machines: Object.fromEntries(
                    specs.map(({ name }) => [
                      name,
                      {
                        condition: this.conditions[name] ?? "ok",
                        swarmSshConfig: "/home/cluster_ssh_config",
                        machine: this.machines[name],
                        swarm: this.swarm[name],
                        otherManagers: this.otherManagers,
                      },
                    ]),
                  ),
                }
              : { error: this.preflightError };
          return { stdout: JSON.stringify(answer) };
        },
      },
      "vmcluster",
      "test",
      false,
    );
  }

  /** What the machine command prints of a machine. */
  machine(name: string, machineId: string, privateAddress = "192.168.56.11"): object {
    return {
      name,
      driver: "qemu",
      address: `127.0.0.${name.at(-1)}`,
      sshPort: 2222,
      sshUser: "root",
      privateAddress,
      hostKey: "ssh-ed25519 AAAA",
      identityFile: join(this.keyFolder, "id"),
      sshConfig: `/home/${name}/ssh_config`,
      machineId,
    };
  }

  /** The one resource of that name. */
  one(name: string): Registered {
    const found = this.resources.filter((resource) => resource.name === name);
    if (found.length !== 1)
      throw new Error(`${found.length} resources are named ${name}: ${this.resources.map((r) => r.name)}`);
    return found[0] as Registered;
  }

  private outputs(args: pulumi.runtime.MockResourceArgs): Record<string, unknown> {
    if (args.type === "command:local:Command" && args.inputs.create === "ensure")
      return { stdout: '{"image":"abc"}' };
    if (args.name.endsWith("-swarm")) {
      const JoinTokens = { Worker: "SWMTKN-worker", Manager: "SWMTKN-manager" };
      return { stdout: JSON.stringify({ ID: "swarm", JoinTokens, UnlockKey: "SWMKEY-1" }) };
    }
    if (args.inputs.create === "swarm-tokens") return { stdout: JSON.stringify(this.rotatedTokens) };
    if (args.inputs.create === "swarm-service") return { stdout: "" };
    if (args.inputs.create === "publish")
      return { stdout: `{"digest":"sha256:${"1".repeat(64)}","source":"s"}` };
    if (args.inputs.create === "swarm-job") return { stdout: '{"serviceId":"job"}' };
    if (args.inputs.create === "swarm-node" || args.inputs.create === "swarm-join")
      return { stdout: '{"nodeId":"n","labels":{}}' };
    if (args.inputs.create === "password") return { stdout: "made+1" };
    if (args.inputs.create === "prepare") return { stdout: '{"nodeId":"n1","folderId":"f1"}' };
    if (args.type === "docker:index/image:Image") {
      const repository = String(args.inputs.imageName).replace(/:[^:/]*$/, "");
      return { repoDigest: `${repository}@sha256:${"1".repeat(64)}` };
    }
    if (args.type === "command:local:Command") {
      const spec = JSON.parse(args.inputs.stdin as string) as { name: string; privateAddress: string };
      return {
        stdout: JSON.stringify(this.machine(spec.name, `${spec.name}-made-once`, spec.privateAddress)),
      };
    }
    return {};
  }
}

/** The value of an output, once it is known. */
export function known<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}
