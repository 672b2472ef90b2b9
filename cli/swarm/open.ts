/** `open`: where the stack answers. */
import { spawn } from "node:child_process";
import { findProgram } from "../../host/tools";
import { UserError } from "../../host/userError";
import type { SwarmFlags } from "./flags";
import { printRows } from "./print";
import { knownUrls } from "./urls";

/** Programs that open an address in the user's browser, by what the system is. */
function opener(platform: NodeJS.Platform): readonly [string, ...string[]] | undefined {
  if (platform === "darwin") return ["open"];
  if (platform === "win32") return ["cmd", "/c", "start", ""];
  return findProgram("xdg-open") === undefined ? undefined : ["xdg-open"];
}

const hasDesktop = (): boolean =>
  process.platform !== "linux" || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);

/** A named address is opened where somebody sits before a desktop; others are printed only. */
function opens(flags: SwarmFlags, name: string | undefined): boolean {
  return (
    flags.browser ?? (name !== undefined && flags.format !== "json" && process.stdout.isTTY && hasDesktop())
  );
}

function browse(url: string): Promise<void> {
  const found = opener(process.platform);
  if (found === undefined) {
    throw new UserError(
      `no program here opens ${url} in a browser`,
      "xdg-open is not installed",
      "Debian and Ubuntu: apt-get install xdg-utils; or open the address yourself",
    );
  }
  const [program, ...args] = found;
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...args, url], { stdio: "ignore", detached: true });
    child.on("error", (error) => reject(new UserError(`${program} cannot be started`, error.message)));
    child.on("spawn", () => {
      child.unref();
      resolve();
    });
  });
}

export async function open(flags: SwarmFlags, name?: string): Promise<number> {
  const all = await knownUrls(flags);
  const urls = name === undefined ? all : all.filter((one) => one.name === name);
  const [first] = urls;
  if (first === undefined && name !== undefined) {
    const names = [...new Set(all.map((one) => one.name))].join(", ");
    throw new UserError(
      `nothing named '${name}' has an address`,
      names === "" ? "there are none" : `there are: ${names}`,
    );
  }
  printRows(
    flags,
    urls,
    [
      ["NAME", (one) => one.name],
      ["URL", ({ url }) => url],
    ],
    "The stack has no addresses: no output `urls`, and its services publish no TCP port.",
  );
  const web = urls.find(({ url }) => /^https?:/.test(url)) ?? first;
  if (web !== undefined && opens(flags, name)) await browse(web.url);
  return 0;
}
