/** What npm installs for tests, kept in the user's cache: other versions of the SDK, and of Node.js (npm's package `node`). */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { newestSdk } from "../../engine/sdk";
import { run } from "../../host/run";

const cache = join(homedir(), ".cache/vmcluster/installs");
const manifest = join(__dirname, "../../package.json");

/** @returns a folder whose `node_modules` has them */
async function install(dependencies: Readonly<Record<string, string>>): Promise<string> {
  const text = JSON.stringify({ private: true, dependencies });
  const folder = join(cache, createHash("sha256").update(text).digest("hex").slice(0, 16));
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const making = mkdtempSync(join(cache, ".making-"));
  try {
    writeFileSync(join(making, "package.json"), text);
    await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund"], {
      cwd: making,
      timeoutMs: 300_000,
    });
    renameSync(making, folder);
  } catch (error) {
    // Another test may have been faster.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  return folder;
}

/** What this library depends on, with the newest SDK, as npm gives it to those who install the library on Node.js 22 and later. */
export function newestDependencies(): Promise<string> {
  const { dependencies } = JSON.parse(readFileSync(manifest, "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  return install({ ...dependencies, "@pulumi/pulumi": newestSdk });
}

/** The program `node` of a major version, from the package that npm's `node` fetches for this host by an install script. */
export async function nodeProgram(major: 22 | 24): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  return join(await install({ [name]: String(major) }), "node_modules", name, "bin/node");
}
