import type { Command } from "commander";
import { conditionGiven, print, progressOn, readStdin } from "./io";

async function apply(adopt: boolean): Promise<void> {
  const { readSpec } = await import("../../machine/readSpec.js");
  const { applyMachine } = await import("../../machine/apply.js");
  const spec = readSpec(await readStdin());
  const options = { condition: conditionGiven(), adopt, progress: progressOn(spec.name) };
  print(JSON.stringify(await applyMachine(spec, options)));
}

/** The interface of programs, which docs/internals.md specifies; `rm` and `status` without names belong to it too. */
export function addProgramVerbs(machine: Command): void {
  machine
    .command("apply")
    .description(
      "for programs: make a machine as the JSON spec on standard input says; prints one line of JSON",
    )
    .action(() => apply(false));
  machine
    .command("adopt")
    .description("for programs: as apply, also on a machine that a person or another program made")
    .action(() => apply(true));
  machine
    .command("password")
    .description("for programs: prints a random password")
    .action(async () => {
      const { randomBytes } = await import("node:crypto");
      // 192 bits; letters and digits of URLs. Without a line's end: standard output is the password.
      process.stdout.write(randomBytes(24).toString("base64url"));
    });
  machine
    .command("prepare")
    .description("for programs: send a machine images and make a folder there; prints one line of JSON")
    .action(async () => {
      const { prepareMachine, prepareSpec } = await import("../../machine/prepare.js");
      const spec = prepareSpec.parse(JSON.parse(await readStdin()));
      print(JSON.stringify(await prepareMachine(spec, progressOn(spec.machine))));
    });
}
