/** `compose config|import|export`. */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { convert } from "../../components/compose/convert";
import { missingData } from "../../components/compose/data";
import { load } from "../../components/compose/load";
import { shownPath, warningText } from "../../components/compose/place";
import type { StackPlan } from "../../components/compose/plan";
import { composeText } from "../../components/compose/write";
import { onUserFile } from "../../host/fileRefusal";
import { UserError } from "../../host/userError";
import { writePrivate } from "../../host/writePrivate";
import type { Flags } from "../flags";
import { programText } from "./program";

export interface ComposeFlags extends Flags {
  readonly output?: string;
  readonly profile?: readonly string[];
  readonly name?: string;
}

interface Read {
  readonly plan: StackPlan;
  /** Folder that paths and `.env` start from. */
  readonly folder: string;
}

function read(flags: ComposeFlags, files: readonly string[]): Read {
  const { cwd } = flags;
  if (cwd !== undefined) onUserFile(`cannot work in ${cwd}`, () => process.chdir(cwd));
  const [first = ""] = files;
  const folder = dirname(resolve(first));
  const name =
    folder
      .slice(folder.lastIndexOf("/") + 1)
      .replace(/[^a-zA-Z0-9_-]/g, "")
      .replace(/^[_-]+/, "") || "stack";
  const loaded = load({ files, profiles: flags.profile, stackName: flags.name, defaultName: name });
  const { plan, warnings } = convert(loaded, name, flags.name);
  for (const warning of [...warnings.map(warningText), ...missingData(plan, loaded)])
    process.stderr.write(`warning: ${warning}\n`);
  return { plan, folder: loaded.folder };
}

/** To the file that is asked for, or to standard output. */
function write(flags: ComposeFlags, text: string): void {
  const { output } = flags;
  if (output === undefined || output === "-") {
    process.stdout.write(text);
    return;
  }
  if (existsSync(output) && flags.force !== true)
    throw new UserError(
      `${output} exists already`,
      undefined,
      "give another --output, or --force to replace it",
    );
  onUserFile(`cannot write ${output}`, () => writePrivate(output, text));
  process.stderr.write(`${shownPath(resolve(output))} is written\n`);
}

export async function config(flags: ComposeFlags, ...files: string[]): Promise<number> {
  write(flags, composeText(read(flags, files).plan));
  return 0;
}

export async function importFile(flags: ComposeFlags, ...files: string[]): Promise<number> {
  const { plan, folder: variables } = read(flags, files);
  const folder =
    flags.output === undefined || flags.output === "-" ? process.cwd() : dirname(resolve(flags.output));
  write(flags, programText(plan, folder, variables));
  return 0;
}

export async function exportFile(flags: ComposeFlags): Promise<number> {
  const [engine, { openSession }, { chooseStack }, { planOfState }] = await Promise.all([
    import("../../engine/index.js"),
    import("../session.js"),
    import("../stackChoice.js"),
    import("./exportPlan.js"),
  ]);
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  const { deployment } = await engine.exportStack({ ...session, stack, showSecrets: true });
  const { plan, notes } = planOfState(deployment, flags.name);
  for (const note of notes) process.stderr.write(`note: ${note}\n`);
  write(flags, composeText(plan));
  return 0;
}
