/** `import`: what exists into the state, and what to write into the program so that it stays there. */
import { writeFileSync } from "node:fs";
import * as engine from "../engine/index";
import { onUserFile } from "../host/fileRefusal";
import { UserError } from "../host/userError";
import { choose } from "./ask";
import { cancellation } from "./cancellation";
import { Display, type Screen } from "./display/display";
import { processScreen } from "./display/screen";
import { NotConfirmed } from "./fail";
import { type Flags, interactive } from "./flags";
import { declarations } from "./importedCode";
import { type ImportList, listFromArguments, readImportFile } from "./importList";
import { openSession } from "./session";
import { chooseStack } from "./stackChoice";

const advice = `Please copy the following code into your Pulumi application. Not doing so
will cause the next update to delete what was imported from the state.

`;
const protectedAdvice = `Please note that the imported resources are marked as protected. To destroy them
you will need to remove the \`protect\` option and run \`vmcluster up\` *before*
the destroy will take effect.

`;

export async function importResources(flags: Flags, ...values: string[]): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "create");
  const list = listOf(flags, values, { stack, project: await engine.projectName(session) });
  if (flags.previewOnly && flags.yes) throw new UserError("--yes and --preview-only cannot be used together");
  if (!flags.previewOnly && !flags.yes && !flags.skipPreview && !interactive(flags))
    throw new NotConfirmed("--yes must be passed in to proceed when running in non-interactive mode");
  const { out } = flags;
  // Before anything is imported; what is in it stays until there is something to write.
  if (out !== undefined) onUserFile(`cannot write ${out}`, () => writeFileSync(out, "", { flag: "a" }));
  const screen = await processScreen({
    color: flags.color ?? "auto",
    interactive: flags.nonInteractive !== true,
  });
  const options = {
    ...session,
    stack,
    parallel: flags.parallel,
    message: flags.message,
    import: list.requests,
  };
  const plugins = new engine.PluginHost();
  let imported: readonly engine.StepInfo[] | undefined;
  try {
    if (!flags.skipPreview) {
      const planned = await run(engine.previewImport, "Previewing import", { ...options, plugins }, screen);
      if (planned === undefined) return 1;
      if (flags.previewOnly) return 0;
      await confirm(flags, list);
    }
    imported = await run(engine.importExisting, "Importing", { ...options, plugins }, screen);
  } finally {
    await plugins.close();
  }
  if (imported === undefined) return 1;
  if (imported.length === 0 || flags.generateCode === false) return 0;
  const code = declarations(imported, list);
  if (out === undefined) screen.write(`${advice}${flags.protect === false ? "" : protectedAdvice}${code}`);
  else onUserFile(`cannot write ${out}`, () => writeFileSync(out, code));
  return 0;
}

function listOf(
  flags: Flags,
  values: readonly string[],
  where: { readonly stack: string; readonly project: string },
): ImportList {
  const protect = flags.protect !== false;
  if (flags.file !== undefined) {
    if (values.length > 0 || flags.parent || flags.provider || flags.properties)
      throw new UserError("an inline resource may not be specified in conjunction with an import file");
    return readImportFile(flags.file, protect, where);
  }
  const [type, name, id] = values;
  if (type === undefined || name === undefined || id === undefined)
    throw new UserError(
      "an inline resource must be specified if no import file is used",
      undefined,
      "import <type> <name> <id>, or import --file <file>",
    );
  return listFromArguments({ type, name, id, protect }, flags);
}

/** Undefined if it failed. */
async function run(
  operation: engine.Operation,
  heading: string,
  options: Omit<engine.OperationOptions, "onEvent" | "signal">,
  screen: Screen,
): Promise<engine.StepInfo[] | undefined> {
  const display = new Display({ screen, heading, outputs: false });
  const cancelling = cancellation((note) => display.say(note));
  const imported: engine.StepInfo[] = [];
  try {
    const { result } = await operation({
      ...options,
      signal: cancelling.signal,
      onEvent: (event) => {
        display.take(event);
        if (event.kind === "resource-done" && event.step.op === "import") imported.push(event.step);
      },
    });
    return result === "succeeded" ? imported : undefined;
  } finally {
    cancelling.end();
    display.end(false);
  }
}

async function confirm(flags: Flags, { requests }: ImportList): Promise<void> {
  if (flags.yes) return;
  const what = requests
    .map(({ type, name, id }) => `${type} ${id ?? "(a component)"} as '${name}'`)
    .join(", ");
  if ((await choose(`Do you want to import ${what}?`, ["yes", "no"])) !== "yes")
    throw new UserError("confirmation declined, not importing");
}
