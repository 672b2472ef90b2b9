#!/usr/bin/env node
/**
 * The `vmcluster` command. Only the verb that was called is loaded: `machine status` is asked by every preview, so it must start
 * quickly, and the engine takes a second to load.
 */
import "./nodeVersion";
import "./compileCache";
import { type Command, CommanderError } from "commander";
import { settleFolders } from "../host/home";
import { terminalText } from "../host/terminalText";
import { endSoon } from "./endSoon";
import { errorText, exitCodeOf, exitCodes } from "./fail";
import { commandLine } from "./program";
import { searchPath } from "./systemPackages";
import { ownVersion } from "./version";

/** A reader that goes away (`vmcluster up | head`), or a full disk, must not end an operation half-way. */
function outliveReaders(): void {
  let unwritable: Error | undefined;
  // What the operation did is done; that nobody can read of it is a failure too.
  process.on("exit", () => {
    if (unwritable !== undefined && !process.exitCode) process.exitCode = exitCodes.error;
  });
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE" || unwritable !== undefined) return;
      unwritable = error;
      if (stream === process.stdout)
        process.stderr.write(`error: cannot write to standard output: ${error.message}\n`);
    });
  }
}

/** Commander would end the process as soon as it has told the help, before anybody hears that it could not be written. */
function endLater(command: Command): void {
  command.exitOverride();
  command.commands.forEach(endLater);
}

async function main(args: readonly string[]): Promise<void> {
  outliveReaders();
  settleFolders();
  // mke2fs and others are where Debian has no user look.
  process.env.PATH = searchPath();
  const program = await commandLine(ownVersion(), args, process.env.VMCLUSTER_LAUNCHER);
  endLater(program);
  await program.parseAsync(args, { from: "user" });
}

main(process.argv.slice(2))
  .catch((error: unknown) => {
    // Commander has told it.
    if (!(error instanceof CommanderError)) process.stderr.write(`${terminalText(errorText(error))}\n`);
    process.exitCode = error instanceof CommanderError ? error.exitCode : exitCodeOf(error);
  })
  .finally(endSoon);
