/**
 * The life cycle that `local.Command` and `remote.Command` share. Specified by pulumi/pulumi-command:
 * provider/pkg/provider/local/commandController.go and remote/commandController.go.
 */
import { randomBytes } from "node:crypto";
import type { CheckFailure } from "../rpc/check";
import type { Properties } from "../rpc/property";
import type { Operation, ResourceType } from "../rpc/resource";
import { containsSecret, type PropertyMap, reveal, Unknown } from "../rpc/values";
import type { CommandOutput } from "./output";

interface LifeCycle {
  readonly create?: string;
  readonly update?: string;
  readonly delete?: string;
}

export interface CommandKind<Inputs> {
  readonly properties: Properties;
  run(
    command: string,
    inputs: Inputs,
    previous: Partial<CommandOutput>,
    operation: Operation,
  ): Promise<CommandOutput>;
  checkTogether?(inputs: PropertyMap): CheckFailure[];
  secrets?(inputs: PropertyMap): PropertyMap;
}

export function commandResource<Inputs>(kind: CommandKind<Inputs>): ResourceType {
  const open = (map: PropertyMap): Inputs & LifeCycle & Partial<CommandOutput> =>
    reveal(map) as unknown as Inputs & LifeCycle & Partial<CommandOutput>;
  const none = { stdout: "", stderr: "" };
  return {
    properties: kind.properties,
    checkTogether: kind.checkTogether,
    secrets: kind.secrets,
    secretOutputs: printedSecrets,

    // What a command will print is not known before it has run.
    preview: (inputs) => ({ ...inputs, stdout: Unknown.value, stderr: Unknown.value }),

    async create(inputs, operation) {
      const opened = open(inputs);
      const output =
        opened.create === undefined ? none : await kind.run(opened.create, opened, {}, operation);
      return { id: uniqueId(operation.name), outputs: { ...inputs, ...output } };
    },

    async update({ inputs, oldOutputs }, operation) {
      const opened = open(inputs);
      const { stdout = "", stderr = "" } = open(oldOutputs);
      const command = opened.update ?? opened.create;
      const output =
        command === undefined
          ? { stdout, stderr }
          : await kind.run(command, opened, { stdout, stderr }, operation);
      return { ...inputs, ...output };
    },

    // What a command did cannot be asked for: the state is what it was.
    read: async (current) => current,

    async delete({ outputs }, operation) {
      const opened = open(outputs);
      if (opened.delete !== undefined) await kind.run(opened.delete, opened, opened, operation);
    },
  };
}

/** What a command's process gets: it may print it. */
const given = ["create", "update", "command", "stdin", "environment", "interpreter", "dir"];

/**
 * A command that is given a secret may print it, in any form. Pulumi's plugin leaves that to `additionalSecretOutputs`: a secret that
 * is in plain text in the state once is in all its copies.
 */
export function printedSecrets(inputs: PropertyMap, olds: PropertyMap = {}): readonly string[] {
  const before = inputs.addPreviousOutputInEnv === false ? [] : [olds.stdout, olds.stderr];
  const secret = [...given.map((key) => inputs[key]), ...before].some(
    (value) => value !== undefined && containsSecret(value),
  );
  return secret ? ["stdout", "stderr"] : [];
}

/** As the plugin makes them: the name and eight hexadecimal digits. */
export function uniqueId(name: string): string {
  return name + randomBytes(4).toString("hex");
}
