/**
 * Compiled modules are kept, for this process and those it starts (programs, providers, `machine status`), where Node.js can do
 * that (22.1 and later): loading modules is most of the time of a short command. Imported before anything that is not small.
 */
import * as nodeModule from "node:module";
import { join } from "node:path";
import { home } from "../host/home";
import { privateFolder } from "../host/privateFolder";

const { enableCompileCache } = nodeModule as { readonly enableCompileCache?: (folder: string) => unknown };

function enable(): void {
  if (enableCompileCache === undefined || process.env.NODE_COMPILE_CACHE !== undefined) return;
  let folder: string;
  try {
    folder = privateFolder(join(home(), "cache", "node"));
  } catch {
    // A home that cannot be used is told of by the verb that needs it.
    return;
  }
  process.env.NODE_COMPILE_CACHE = folder;
  enableCompileCache(folder);
}

enable();
