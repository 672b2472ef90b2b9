/** Where VBoxManage is: installers on macOS and Windows often leave it off PATH. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { UserError } from "../../../host/userError";

/** What the search asks of the host; made up by tests. */
export interface ProgramHost {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isProgram: (path: string) => boolean;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const thisHost = (): ProgramHost => ({ platform: process.platform, env: process.env, isProgram });

/** Folders in the order in which they are tried. */
function folders({ platform, env }: ProgramHost): string[] {
  const path = (env.PATH ?? env.Path ?? "").split(platform === "win32" ? ";" : delimiter);
  const installed: Partial<Record<NodeJS.Platform, readonly (string | undefined)[]>> = {
    win32: [
      // Set by the installer; the second name is of old versions.
      env.VBOX_MSI_INSTALL_PATH,
      env.VBOX_INSTALL_PATH,
      env.ProgramFiles && join(env.ProgramFiles, "Oracle", "VirtualBox"),
    ],
    darwin: ["/usr/local/bin", "/Applications/VirtualBox.app/Contents/MacOS"],
    linux: ["/usr/bin", "/usr/local/bin", "/opt/VirtualBox"],
  };
  return [...path, ...(installed[platform] ?? [])].filter(
    (one) => one !== undefined && one !== "",
  ) as string[];
}

/** Full path of VBoxManage; undefined if VirtualBox is not installed. */
export function findVBoxManage(host: ProgramHost = thisHost()): string | undefined {
  const name = host.platform === "win32" ? "VBoxManage.exe" : "VBoxManage";
  return folders(host)
    .map((folder) => join(folder, name))
    .find(host.isProgram);
}

/** @throws UserError that says how to install VirtualBox on this kind of host */
export function requireVBoxManage(host: ProgramHost = thisHost()): string {
  const found = findVBoxManage(host);
  if (found !== undefined) return found;
  const remedies: Partial<Record<NodeJS.Platform, string>> = {
    linux:
      "install VirtualBox 6.1 or later from your distribution or from its makers, or use the qemu driver",
    darwin: "install VirtualBox (brew install --cask virtualbox) and allow its system extension",
    win32: "install VirtualBox (winget install Oracle.VirtualBox)",
  };
  throw new UserError(
    "the virtualbox driver needs VirtualBox",
    "VBoxManage is not installed (not on PATH nor where installers put it)",
    remedies[host.platform] ?? "VirtualBox does not exist for this system: use another driver",
  );
}
