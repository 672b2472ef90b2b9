/** How shells set variables and folders of PATH. Each line works by itself, and again when it was run before. */
import { quoted } from "../../host/shellWord";
import { UserError } from "../../host/userError";

export interface Shell {
  /** What `--shell` and the last part of $SHELL may say. */
  readonly names: readonly string[];
  readonly comment: string;
  set(variable: string, value: string): string;
  unset(variable: string): string;
  /** Puts a folder first on PATH unless it is on it. */
  pathWith(folder: string): string;
  pathWithout(folder: string): string;
  /** Runs the lines that a command prints. */
  run(command: string): string;
}

const posix: Shell = {
  names: ["bash", "zsh", "sh", "dash", "ksh"],
  comment: "#",
  set: (variable, value) => `export ${variable}=${quoted(value)}`,
  unset: (variable) => `unset ${variable}`,
  pathWith: (folder) =>
    `case ":$PATH:" in *${quoted(`:${folder}:`)}*) ;; *) export PATH=${quoted(`${folder}:`)}"$PATH" ;; esac`,
  pathWithout: (folder) => {
    const [first, later] = [quoted(`${folder}:`), quoted(`:${folder}:`)];
    return `case "$PATH" in ${first}*) PATH=\${PATH#${first}} ;; *${later}*) PATH=\${PATH%%${later}*}:\${PATH#*${later}} ;; esac`;
  },
  run: (command) => `eval "$(${command})"`,
};

const fishWord = (text: string): string => `'${text.replace(/[\\']/g, "\\$&")}'`;

const fish: Shell = {
  names: ["fish"],
  comment: "#",
  set: (variable, value) => `set -gx ${variable} ${fishWord(value)};`,
  unset: (variable) => `set -e ${variable};`,
  pathWith: (folder) => `contains -- ${fishWord(folder)} $PATH; or set -gx PATH ${fishWord(folder)} $PATH;`,
  pathWithout: (folder) =>
    `set -l vmcluster_at (contains -i -- ${fishWord(folder)} $PATH); and set -e PATH[$vmcluster_at];`,
  run: (command) => `${command} | source`,
};

const powershellWord = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const separator = "[IO.Path]::PathSeparator";

const powershell: Shell = {
  names: ["powershell", "pwsh"],
  comment: "#",
  set: (variable, value) => `$Env:${variable} = ${powershellWord(value)}`,
  unset: (variable) => `Remove-Item Env:\\${variable} -ErrorAction Ignore`,
  pathWith: (folder) =>
    `if (($Env:PATH -split ${separator}) -notcontains ${powershellWord(folder)}) { $Env:PATH = ${powershellWord(folder)} + ${separator} + $Env:PATH }`,
  pathWithout: (folder) =>
    `$Env:PATH = ($Env:PATH -split ${separator} | Where-Object { $_ -ne ${powershellWord(folder)} }) -join ${separator}`,
  run: (command) => `& ${command} | Out-String | Invoke-Expression`,
};

/** cmd quotes nothing here: what it would read as more than text is refused. Values are addresses, names and a home. */
const cmdWord = (text: string): string => {
  if (/[%"&|<>^!()\p{Cc}]/u.test(text))
    throw new UserError(`${JSON.stringify(text)} cannot be set in cmd`, undefined, "use --shell powershell");
  return text;
};

const cmd: Shell = {
  names: ["cmd"],
  comment: "REM",
  set: (variable, value) => `SET ${variable}=${cmdWord(value)}`,
  unset: (variable) => `SET ${variable}=`,
  // CALL expands PATH when the line runs: FOR has read it before.
  pathWith: (folder) => `CALL SET PATH=${cmdWord(folder)};%PATH%`,
  pathWithout: (folder) => `CALL SET PATH=%PATH:${cmdWord(folder)};=%`,
  run: (command) => `@FOR /f "tokens=*" %i IN ('${command}') DO @%i`,
};

/** The first is for shells that are none of these. */
export const shells: readonly Shell[] = [posix, fish, powershell, cmd];
