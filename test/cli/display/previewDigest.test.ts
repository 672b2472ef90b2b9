/** `preview --json` beside what the Pulumi CLI has printed for the same program (previewDigest.json). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CommandUnderTest, eachTestOn } from "../command";

jest.setTimeout(240_000);

type Json = Readonly<Record<string, unknown>>;
interface Digest {
  readonly steps: readonly (Json & { readonly urn: string })[];
  readonly diagnostics?: readonly { readonly severity: string; readonly message: string }[];
  readonly changeSummary: Json;
  readonly config?: Json;
}

const recorded = JSON.parse(readFileSync(join(__dirname, "previewDigest.json"), "utf8")) as Record<
  string,
  Digest
>;

let vmcluster: CommandUnderTest;
eachTestOn(readFileSync(join(__dirname, "previewDigest.program.js"), "utf8"), (made) => {
  vmcluster = made;
});

/** What is the same whoever ran it: not IDs, times, places, the provider's wording of a difference, and the order of what waits for nothing. */
function essence({ steps, diagnostics = [], changeSummary, config }: Digest): Json {
  const said = (stream: string) =>
    diagnostics.filter(({ severity }) => (severity === "info#err" ? "error" : "output") === stream);
  return {
    config,
    changeSummary,
    steps: steps.map(stepEssence).sort((a, b) => key(a).localeCompare(key(b))),
    diagnostics: [...said("output"), ...said("error")],
  };
}

const key = ({ urn, op }: Json): string => `${urn} ${op}`;

/** The command plugin makes up an ID for a replacement in a preview; ours has none before there is one. */
function stepEssence({ detailedDiff: _, diffReasons: __, replaceReasons: ___, ...step }: Json): Json {
  return {
    ...step,
    ...("provider" in step ? { provider: withoutId(step.provider) } : {}),
    ...("oldState" in step ? { oldState: stateEssence(step.oldState as Json) } : {}),
    ...("newState" in step
      ? {
          newState: {
            ...stateEssence(step.newState as Json),
            ...(step.op === "replace" ? { id: "none" } : {}),
          },
        }
      : {}),
  };
}

function stateEssence(state: Json): Json {
  const { created: _, modified: __, sourcePosition: ___, stackTrace: ____, ...rest } = state;
  return {
    ...rest,
    ...("id" in rest ? { id: "some" } : {}),
    ...("provider" in rest ? { provider: withoutId(rest.provider) } : {}),
  };
}

const withoutId = (provider: unknown): string => String(provider).replace(/::[^:]*$/, "");

async function digest(...args: string[]): Promise<Json> {
  const { stdout } = await vmcluster.ok(...args, "--json");
  expect(stdout).not.toContain("hush");
  return essence(JSON.parse(stdout) as Digest);
}

const expected = (run: string): Json => essence(recorded[run] as Digest);

it("prints the plan of an update, a refresh and a destroy as the Pulumi CLI does", async () => {
  await vmcluster.ok("stack", "init", "dev");
  expect(await digest("preview")).toEqual(expected("create"));
  await vmcluster.ok("up", "--yes", "--skip-preview");
  expect(await digest("preview")).toEqual(expected("same"));
  expect(await digest("preview", "--refresh")).toEqual(expected("refreshed"));
  expect(await digest("refresh", "--preview-only")).toEqual(expected("refresh"));
  await vmcluster.ok("config", "set", "second", "yes");
  expect(await digest("preview")).toEqual(expected("changed"));
  await vmcluster.ok("config", "rm", "second");
  expect(await digest("destroy", "--preview-only")).toEqual(expected("destroy"));
});
