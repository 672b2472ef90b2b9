import { readFileSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { home } from "../../host/home";
import { makeFolders } from "../../host/makeFolders";
import { replaceFile } from "../../host/replaceFile";
import { machineFiles } from "../../machine/paths";
import { includeMachines } from "../../machine/ssh/client";
import { listMachines } from "../../machine/store";
import { machinesNamed } from "./each";

/** ssh_config of the machines named, of all without names. */
export function sshConfigOf(names: readonly string[]): string {
  const machines = names.length > 0 ? machinesNamed(names) : listMachines();
  return machines.map(({ spec }) => readFileSync(machineFiles(spec.name).sshConfig, "utf8")).join("\n");
}

const begin = (): string => `# vmcluster machines of ${home()}: begin`;
const end = (): string => `# vmcluster machines of ${home()}: end`;

/** First, because an Include after a Host line would only hold for that host. */
const block = (): string => `${begin()}\n${includeMachines()}\n${end()}\n`;

/** The configuration without our lines. */
export function withoutBlock(text: string): string {
  const from = text.indexOf(`${begin()}\n`);
  const last = text.indexOf(`${end()}\n`, from);
  if (from < 0 || last < 0) return text;
  return text.slice(0, from) + text.slice(last + end().length + 1);
}

export const withBlock = (text: string): string => block() + withoutBlock(text);

const userConfig = (): string => join(homedir(), ".ssh", "config");

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

/** In one step, and where a link leads: people keep this file in their dotfiles. */
function write(file: string, text: string): void {
  makeFolders(dirname(file), 0o700);
  const there = statSync(file, { throwIfNoEntry: false });
  const real = there === undefined ? file : realpathSync(file);
  replaceFile(real, text, there && there.mode & 0o777);
}

/** Whether the user's own ssh knows the machines of this home. */
export const isInstalled = (): boolean => read(userConfig()).includes(block());

/** Makes the user's own ssh know the machines, or not any more. Returns the file if it was changed. */
export function install(wanted: boolean): string | undefined {
  const file = userConfig();
  const before = read(file);
  const after = wanted ? withBlock(before) : withoutBlock(before);
  if (after === before) return undefined;
  write(file, after);
  return file;
}
