import { basename, join, relative } from "node:path";

/** Compiled entry of the `vmcluster` command, found from the sources (`components/`) and from `dist/components/`. */
function entry(): string {
  const packageRoot =
    basename(join(__dirname, "..")) === "dist" ? join(__dirname, "../..") : join(__dirname, "..");
  return join(packageRoot, "dist/cli/main.js");
}

/**
 * Interpreter of the `command.local.Command`s that run `vmcluster <group> <verb>`: an argument list, so no shell sees it.
 * The path is relative to the program's folder, where providers run too: a project that moves makes no difference.
 */
export function machineCommand(group: "machine" | "image"): string[] {
  return ["node", relative(process.cwd(), entry()), group];
}
