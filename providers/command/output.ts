import { StringDecoder } from "node:string_decoder";
import { UserError } from "../../host/userError";

/** Lines of a failed command that its error repeats. */
const errorLines = 20;
/** Characters of a failed command's text that its error repeats. */
const commandCharacters = 300;

export type Logging = "stdout" | "stderr" | "stdoutAndStderr" | "none";

/** Collects one stream of a running command and hands its lines on as they come. */
export class Capture {
  private readonly chunks: Buffer[] = [];
  private readonly decoder = new StringDecoder("utf8");
  private rest = "";

  constructor(private readonly onLine: ((line: string) => void) | undefined) {}

  add(chunk: Buffer): void {
    this.chunks.push(chunk);
    if (!this.onLine) return;
    const lines = (this.rest + this.decoder.write(chunk)).split(/\r?\n/);
    this.rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") this.onLine(line);
  }

  /** The whole text without the newline at its end. */
  end(): string {
    if (this.rest !== "") this.onLine?.(this.rest);
    this.rest = "";
    const text = Buffer.concat(this.chunks).toString("utf8");
    return text.endsWith("\n") ? text.slice(0, -1) : text;
  }
}

/** The two captures of a command that is to be logged as `logging` says (default: both streams). */
export function captures(
  logging: Logging | undefined,
  onLine: (line: string) => void,
): { stdout: Capture; stderr: Capture } {
  const both = logging === undefined || logging === "stdoutAndStderr";
  return {
    stdout: new Capture(both || logging === "stdout" ? onLine : undefined),
    stderr: new Capture(both || logging === "stderr" ? onLine : undefined),
  };
}

export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The error of a command that ran and failed: how it ended, what it was, and its last words.
 *
 * @param redact takes secrets out: before anything is cut, as nobody finds a part of a secret
 */
export function commandFailed(
  given: string,
  ending: string,
  output: CommandOutput,
  redact: (text: string) => string,
): UserError {
  const command = redact(given);
  const text = redact(output.stderr.trim() === "" ? output.stdout : output.stderr);
  const said = text.trimEnd().split("\n").slice(-errorLines).join("\n  ");
  const shown =
    command.length > commandCharacters
      ? `${command.slice(0, commandCharacters)}… (${command.length} characters)`
      : command;
  return new UserError(
    `${ending}: running ${JSON.stringify(shown)}`,
    said === "" ? "it printed nothing" : said,
  );
}
