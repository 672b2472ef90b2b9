import { type Command, Option } from "commander";
import { does } from "./does";
import {
  atOnce,
  changing,
  collect,
  confirmable,
  deleting,
  globals,
  operation,
  previewable,
  refreshable,
  running,
  stackOption,
  truth,
} from "./options";
import { pulumiGlobals, pulumiShown } from "./pulumiOptions";

/** What changes the stack, or shows what would change. */
export function addOperations(program: Command): void {
  const add = (name: string, description: string): Command =>
    globals(program.command(name).description(description));
  does(
    running(deleting(changing(add("up", "create or update the stack's resources").alias("update"))))
      .option("--rollback-on-failure", "if it fails, put the stack's services back to what they were")
      .option(
        "--no-rollback-on-failure",
        "leave the services as they are, whatever the setting vmcluster:rollbackOnFailure says",
      ),
    async () => {
      const { up } = await import("../operate.js");
      return (flags) => up(flags);
    },
  );
  does(
    running(operation(add("preview", "show what up would do").alias("pre"))).option("-j, --json", "as JSON"),
    async () => (await import("../operate.js")).preview,
  );
  does(
    previewable(add("refresh", "make the state say what there really is")).option(
      "--clear-pending-creates",
      "forget what an interrupted run was creating, instead of leaving it to the next up",
    ),
    async () => (await import("../operate.js")).refresh,
  );
  does(
    refreshable(deleting(previewable(add("destroy", "delete all of the stack's resources").alias("down"))))
      .option("--remove", "remove the stack and its configuration too")
      .option("--exclude-protected", "leave protected resources, and what they need, alone"),
    async () => (await import("../operate.js")).destroy,
  );
  does(
    pulumiShown(
      confirmable(
        stackOption(
          add(
            "import [type] [name] [id]",
            "take resources that exist into the state, and show how to declare them",
          ),
        ),
      ),
    )
      .option("--config-file <file>", "use this file instead of Pulumi.<stack>.yaml")
      .option("-f, --file <file>", "the resources that this JSON file lists, in the form of `pulumi import`")
      .option("--parent <urn>", "its parent, as <variable>=<urn> or <urn>")
      .option("--provider <urn>", "the provider that it is read with, as <variable>=<urn> or <urn>")
      .option("--properties <names>", "only these of its inputs: name1,name2 (may be repeated)", collect)
      .option("-p, --parallel <n>", "how many steps run at once", atOnce)
      .option("-m, --message <text>", "note to keep in the stack's history")
      .option("-o, --out <file>", "write the declarations to this file")
      .option("--skip-preview", "do not preview first")
      .option("--preview-only", "show what it would do, and do nothing")
      .option("--generate-code [bool]", "print how to declare them (true)", truth)
      .addOption(new Option("--no-generate-code", "print no declarations"))
      .option("--protect [bool]", "protect them from deletion (true)", truth)
      .addOption(new Option("--no-protect", "do not protect them from deletion")),
    async () => (await import("../importCommand.js")).importResources,
  );
  does(
    pulumiGlobals(
      confirmable(
        stackOption(
          add("cancel [stack]", "remove the lock that an operation killed half-way left on the stack"),
        ),
      ),
    ),
    async () => (await import("../stackCommands.js")).cancel,
  );
}
