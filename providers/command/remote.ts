/**
 * `command:remote:Command`: commands on a machine that is reached by SSH.
 * Specified by pulumi/pulumi-command: provider/pkg/provider/remote/commandOutputs.go.
 */
import type { Operation, ResourceType } from "../rpc/resource";
import { isPropertyMap, type PropertyMap, type PropertyValue, reveal, Secret } from "../rpc/values";
import { commandResource } from "./commandResource";
import { endedBy, previousOutput } from "./localProcess";
import { type CommandOutput, captures, commandFailed, type Logging } from "./output";
import { remoteCommand as properties } from "./properties";
import type { Connection, SshConnections } from "./sshConnection";

interface RemoteInputs {
  readonly connection: Connection;
  readonly stdin?: string;
  readonly logging?: Logging;
  readonly environment?: Readonly<Record<string, string>>;
  readonly addPreviousOutputInEnv?: boolean;
}

export function remoteCommand(connections: SshConnections): ResourceType {
  return commandResource<RemoteInputs>({
    properties,
    secrets: openAddress,
    checkTogether: ({ environment }) =>
      Object.keys(isPropertyMap(environment) ? environment : {})
        .filter((name) => !/^[A-Za-z_]\w*$/.test(name))
        .map((name) => ({
          property: `environment[${JSON.stringify(name)}]`,
          reason: "is no name of a variable",
        })),
    run: (command, inputs, previous, operation) =>
      connections.use(inputs.connection, operation, async (ssh, started) => {
        const environment = inputs.environment ?? {};
        const { stdout, stderr } = captures(inputs.logging, operation.status);
        const ended = await ssh.execCommand(requireEnvironment(command, Object.keys(environment)), {
          stdin: inputs.stdin ?? "",
          noTrim: true,
          execOptions: {
            env: { ...environment, ...previousOutput(inputs.addPreviousOutputInEnv, previous) },
          },
          onStdout: (chunk) => stdout.add(chunk),
          onStderr: (chunk) => stderr.add(chunk),
          onChannel: (channel) => {
            started();
            endWith(
              operation,
              () => {
                channel.signal("TERM");
                channel.close();
              },
              channel,
            );
          },
        });
        const output: CommandOutput = { stdout: stdout.end(), stderr: stderr.end() };
        if (operation.signal.aborted)
          throw commandFailed(command, endedBy(operation.signal), output, operation.redact);
        if (ended.code === 0) return output;
        const ending =
          ended.code !== null
            ? `Process exited with status ${ended.code}`
            : ended.signal !== null
              ? `Process ended by signal ${ended.signal}`
              : "The SSH connection was lost while the command ran";
        throw commandFailed(command, `${ending} on ${inputs.connection.host}`, output, operation.redact);
      }),
  });
}

function endWith(operation: Operation, stop: () => void, channel: NodeJS.EventEmitter): void {
  if (operation.signal.aborted) {
    stop();
    return;
  }
  operation.signal.addEventListener("abort", stop, { once: true });
  channel.once("close", () => operation.signal.removeEventListener("abort", stop));
}

/**
 * sshd drops variables that its AcceptEnv does not name, without a word that the SSH library would pass on. The values
 * must not be in the command line, where everyone on the machine can read them: so the command looks whether they came.
 */
function requireEnvironment(command: string, names: readonly string[]): string {
  if (names.length === 0) return command;
  const tests = names.map(
    (name) =>
      `[ "\${${name}+set}" = set ] || { echo "sshd does not accept the environment variable ${name} (AcceptEnv in sshd_config); pass it in stdin" >&2; exit 1; }`,
  );
  return `${tests.join("; ")}; ${command}`;
}

/** A connection is a secret as a whole, but errors must say which machine they are about. */
export function openAddress(inputs: PropertyMap): PropertyMap {
  const { connection, ...rest } = inputs;
  const endpoint = (value: PropertyValue | undefined): PropertyMap => {
    if (!isPropertyMap(value)) return {};
    const { password, privateKey, privateKeyPassword, proxy } = value;
    const secret = Object.fromEntries(
      Object.entries({ password, privateKey, privateKeyPassword })
        .filter((entry): entry is [string, PropertyValue] => entry[1] !== undefined)
        .map(([key, item]) => [key, new Secret(item)]),
    );
    return proxy === undefined ? secret : { ...secret, proxy: endpoint(proxy) };
  };
  return { ...rest, connection: endpoint(connection === undefined ? undefined : reveal(connection)) };
}
