import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { errorText } from "../../cli/fail";
import type { Flags } from "../../cli/flags";
import { checkSecretsProvider, refuseUnsupported } from "../../cli/unsupported";
import { addConfigGroup } from "../../cli/verbs/config";
import { addOperations } from "../../cli/verbs/operations";
import { addStackGroup } from "../../cli/verbs/stack";
import { addStateGroup } from "../../cli/verbs/state";

/** Options of the verbs that both have, as `pulumi <verb> --help` lists them. */
const { verbs } = JSON.parse(readFileSync(join(__dirname, "recorded/pulumiOptions.json"), "utf8")) as {
  verbs: Readonly<Record<string, readonly string[]>>;
};

/** What Pulumi 3.248.0 ended with 0 for, of the list; the words of each are a command line. */
const accepted = readFileSync(join(__dirname, "recorded/pulumiFlags.txt"), "utf8")
  .split("\n")
  .flatMap((line) => /^(.*) -> rc 0$/.exec(line)?.[1] ?? []);

/** Not here, and refused as unknown. */
const absent: Readonly<Record<string, readonly string[]>> = {
  import: ["--diff", "--from", "--generate-resources", "--json", "--suppress-outputs"],
  stack: ["--output"],
  "stack ls": ["--organization", "--project", "--tag", "--stack"],
  "stack init": ["--teams"],
  "stack graph": [
    "--dependency-edge-color",
    "--dot-fragment",
    "--ignore-dependency-edges",
    "--ignore-parent-edges",
    "--parent-edge-color",
    "--short-node-name",
  ],
  "stack export": ["--version"],
  config: ["--open"],
  "config set": ["--raw"],
  "config get": ["--open"],
};

const values: Readonly<Record<string, string>> = {
  "--color": "never",
  "--parallel": "2",
  "--page": "1",
  "--page-size": "1",
  "--refresh": "true",
  "--type": "string",
};

/** Parses a command line, and does nothing. Gives the options. */
function parse(line: readonly string[]): Flags {
  const program = new Command("vmcluster").enablePositionalOptions();
  addOperations(program);
  addStackGroup(program);
  addConfigGroup(program);
  addStateGroup(program);
  let flags: Flags = {};
  const silence = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
    command.action((...given: unknown[]) => {
      flags = (given.at(-1) as Command).optsWithGlobals() as Flags;
    });
    command.commands.forEach(silence);
  };
  program.commands.forEach(silence);
  program.exitOverride().parse(line, { from: "user" });
  return flags;
}

const unknown = (line: readonly string[]): boolean => {
  try {
    parse(line);
    return false;
  } catch (error) {
    if (error instanceof CommanderError && error.code === "commander.missingArgument") return false;
    if (error instanceof CommanderError && error.code === "commander.unknownOption") return true;
    throw error;
  }
};

describe.each(Object.entries(verbs))("%s", (verb, options) => {
  test("takes the options that it has in the Pulumi CLI", () => {
    const missing = options.filter((text) => {
      const [, short, long = "", value] = /^(?:(-\w) )?(--\S+)(?: (<value>))?$/.exec(text) ?? [];
      const spellings = value ? [`${long}=${values[long] ?? "x"}`] : [long, `${long}=true`];
      if (short) spellings.push(value ? `${short}${values[long] ?? "x"}` : short);
      return spellings.some((spelling) => unknown([...verb.split(" "), spelling]));
    });
    expect(missing.map((text) => /--\S+/.exec(text)?.[0])).toEqual(absent[verb] ?? []);
  });
});

test.each(accepted)("%s", (line) => {
  const flags = parse(line.split(" "));
  const verb = line.split(" ")[0] as "up";
  const refused = /--(save-plan|import-file)|^(refresh|destroy) .*--run-program/.exec(line)?.[0];
  if (!["up", "preview", "refresh", "destroy"].includes(verb)) return;
  const check = () => refuseUnsupported(flags, verb);
  if (refused === undefined) expect(check).not.toThrow();
  else expect(check).toThrow(/^--[a-z-]+ is not supported by the embedded engine/);
  checkSecretsProvider(flags);
});

test("switches may have a value, and what is not one may have it too", () => {
  expect(parse(["up", "--yes=true", "--diff=F"])).toMatchObject({ yes: true });
  expect(parse(["up", "--yes=false"]).yes).toBeUndefined();
  expect(parse(["up", "--message=true"]).message).toBe("true");
  expect(
    [parse(["up", "-r"]), parse(["up", "--refresh=false"]), parse(["up"])].map(({ refresh }) => refresh),
  ).toEqual([true, false, undefined]);
});

test("secrets are kept with the passphrase alone", () => {
  try {
    checkSecretsProvider({ secretsProvider: "awskms://x" });
    throw new Error("accepted");
  } catch (error) {
    expect(errorText(error)).toContain(
      "--secrets-provider awskms://x is not supported by the embedded engine",
    );
  }
});

it("takes --parallel 0 as one at once", () => {
  expect(parse(["up", "--parallel", "0"]).parallel).toBe(1);
  expect(parse(["import", "-p", "0"]).parallel).toBe(1);
  expect(() => parse(["up", "--parallel", "x"])).toThrow(CommanderError);
});
