/** Loaded first, before anything that an old Node.js stumbles over: `npx` runs the command with whatever Node.js there is. */
export const oldestNode = 20;

/** What to tell of a runtime that does not do; undefined of one that does. */
export function unsuitable(versions: { readonly node: string; readonly bun?: string }): string | undefined {
  if (versions.bun !== undefined)
    return "error: vmcluster does not run in Bun. Its packages may be installed with Bun; run it with Node.js (`bun run vmcluster` without --bun)\n";
  if (Number(versions.node.split(".", 1)[0]) >= oldestNode) return undefined;
  return `error: vmcluster needs Node.js ${oldestNode} or newer; this is ${versions.node} (${process.execPath})\n`;
}

const message = unsuitable(process.versions);
if (message !== undefined) {
  process.stderr.write(message);
  process.exit(1);
}
