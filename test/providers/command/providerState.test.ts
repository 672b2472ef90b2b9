/** An explicit provider of commands, in a state of the plugin, of ours, and of ours before it kept the framework's version. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandUnderTest, eachTestOn } from "../../cli/command";

jest.setTimeout(240_000);

let vmcluster: CommandUnderTest;
eachTestOn(
  `
const command = require("@pulumi/command");
const provider = new command.Provider("p", {});
new command.local.Command("a", { create: "true" }, { provider });
`,
  (made) => {
    vmcluster = made;
  },
);

const added = "__pulumi-go-provider-version";

interface Exported {
  readonly deployment: {
    readonly resources: readonly {
      readonly type: string;
      readonly inputs?: Record<string, unknown>;
      readonly outputs?: Record<string, unknown>;
    }[];
  };
}

async function exported(): Promise<{
  state: Exported;
  provider: Exported["deployment"]["resources"][number];
}> {
  const state = JSON.parse((await vmcluster.ok("stack", "export")).stdout) as Exported;
  const provider = state.deployment.resources.find(({ type }) => type === "pulumi:providers:command");
  if (provider === undefined) throw new Error("there is no provider");
  return { state, provider };
}

it("keeps what the plugin keeps, and finds no difference where it is not kept", async () => {
  await vmcluster.ok("stack", "init", "dev");
  await vmcluster.ok("up", "--yes", "--skip-preview");
  const { state, provider } = await exported();
  // Seen with the plugin 1.2.1 under Pulumi 3.248.0.
  expect(Object.keys(provider.outputs ?? {}).sort()).toEqual([added, "version"]);
  await vmcluster.ok("preview", "--expect-no-changes");

  for (const values of [provider.inputs, provider.outputs]) delete values?.[added];
  const file = join(vmcluster.folder, "older.json");
  writeFileSync(file, JSON.stringify(state));
  await vmcluster.ok("stack", "import", "--file", file);
  expect(Object.keys((await exported()).provider.outputs ?? {})).toEqual(["version"]);
  await vmcluster.ok("preview", "--expect-no-changes");
  await vmcluster.ok("up", "--yes", "--expect-no-changes");
  await vmcluster.ok("refresh", "--yes", "--expect-no-changes");
  await vmcluster.ok("preview", "--expect-no-changes");
});
