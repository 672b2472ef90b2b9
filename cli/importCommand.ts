/** `import <type> <name> <id>`: into the state, and what to write into the program so that it stays there. */
import * as engine from "../engine/index";
import { UserError } from "../host/userError";
import { choose } from "./ask";
import { cancellation } from "./cancellation";
import { Display } from "./display/display";
import { processScreen } from "./display/screen";
import { type Flags, interactive } from "./flags";
import { openSession } from "./session";
import { chooseStack } from "./stackChoice";

export async function importResource(flags: Flags, type: string, name: string, id: string): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "create");
  if (!flags.yes) {
    if (!interactive(flags))
      throw new UserError("--yes must be passed in to import when running in non-interactive mode");
    if ((await choose(`Do you want to import ${type} ${id} as '${name}'?`, ["yes", "no"])) !== "yes")
      return 1;
  }
  const screen = await processScreen({
    color: flags.color ?? "auto",
    interactive: flags.nonInteractive !== true,
  });
  const display = new Display({ screen, heading: "Importing", outputs: false });
  const cancelling = cancellation((note) => display.say(note));
  let declaration: string | undefined;
  try {
    const { result } = await engine.importExisting({
      ...session,
      stack,
      import: { type, name, id, protect: flags.protect !== false },
      signal: cancelling.signal,
      onEvent: (event) => {
        display.take(event);
        if (event.kind === "resource-done" && event.step.op === "import")
          declaration = declare(event.step, flags.protect !== false);
      },
    });
    if (result !== "succeeded") return 1;
  } finally {
    cancelling.end();
    display.end(false);
  }
  if (declaration !== undefined)
    screen.write(`Declare it in the program, or the next up deletes it:\n\n${declaration}\n`);
  return 0;
}

/** `docker:index/volume:Volume` is `docker.Volume`, `command:local:Command` is `command.local.Command`. */
function declare(step: engine.StepInfo, protect: boolean): string {
  const [pkg = "", path = "", last = ""] = step.type.split(":");
  const folder = path.split("/")[0];
  const name = [pkg, ...(folder === "index" || folder === "" ? [] : [folder]), last].join(".");
  const inputs = JSON.stringify(step.newInputs ?? {}, undefined, 2);
  const options = protect ? ", { protect: true }" : "";
  return `new ${name}(${JSON.stringify(step.name)}, ${inputs}${options});`;
}
