/** Loaded first, before anything that an old Node.js stumbles over: `npx` runs the command with whatever Node.js there is. */
export const oldestNode = 20;

/** What to tell of a Node.js that is too old; undefined of another. */
export function tooOld(version: string): string | undefined {
  if (Number(version.split(".", 1)[0]) >= oldestNode) return undefined;
  return `error: vmcluster needs Node.js ${oldestNode} or newer; this is ${version} (${process.execPath})\n`;
}

const message = tooOld(process.versions.node);
if (message !== undefined) {
  process.stderr.write(message);
  process.exit(1);
}
