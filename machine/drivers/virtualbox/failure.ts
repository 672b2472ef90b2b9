/**
 * What VBoxManage says when something fails, as a code. On standard error it prints `VBoxManage: error: …` lines, one of them
 * `Details: code VBOX_E_… (0x…), component …`; causes from the hypervisor are `VERR_…` words inside the text.
 */
import type { RunError } from "../../../host/run";

export interface Failure {
  /** `VBOX_E_OBJECT_NOT_FOUND`, `E_ACCESSDENIED`, …; undefined if it printed none. */
  readonly code: string | undefined;
  /** `VERR_SVM_DISABLED`, …: every one that occurs, in order. */
  readonly causes: readonly string[];
  /** Its own words without the prefix, the details and the progress bar. */
  readonly text: string;
}

export function parseFailure(output: string): Failure {
  const words = output
    .split("\n")
    .map((line) => /^VBoxManage(?:\.exe)?: error: (.*)$/.exec(line.trim())?.[1])
    .filter((line) => line !== undefined);
  const text = words.filter((line) => !/^(Details: code|Context:) /.test(line)).join("\n");
  return {
    code: /Details: code (\w+)/.exec(output)?.[1],
    causes: [...new Set(output.match(/\bVERR_[A-Z0-9_]+/g) ?? [])],
    text: text === "" ? output.trim() : text,
  };
}

/** A call of VBoxManage that failed for good. */
export class VBoxManageError extends Error {
  constructor(
    readonly args: readonly string[],
    readonly failure: Failure,
  ) {
    super(`VBoxManage ${args.join(" ")}: ${failure.text}`);
    this.name = "VBoxManageError";
  }
}

export const failureOf = (error: RunError): Failure =>
  parseFailure(`${error.stderr}\n${error.stdout}`.trim() || error.message);

/** The machine, medium or network that a call named is not known to VirtualBox. */
export const isNotFound = (error: unknown): boolean =>
  error instanceof VBoxManageError &&
  (error.failure.code === "VBOX_E_OBJECT_NOT_FOUND" ||
    /Could not find a registered machine/.test(error.failure.text));

/**
 * Failures that pass by themselves: another process holds the machine's lock for a moment (a VM that ends, the GUI),
 * VirtualBox's own server is starting or ending, or the machine changes its state just now.
 */
export function isPassing({ code, causes, text }: Failure): boolean {
  return (
    /already locked (for|by) a session|is already locked|being unlocked|is not currently running a session|object is not ready|Failed to create the VirtualBox object|because of a pending|is being closed|cannot be (?:locked|unlocked)/i.test(
      text,
    ) ||
    ["NS_ERROR_CALL_FAILED", "NS_ERROR_ABORT", "NS_ERROR_SOCKET_FAIL", "RPC_E_DISCONNECTED"].includes(
      code ?? "",
    ) ||
    causes.includes("VERR_RESOURCE_BUSY") ||
    causes.includes("VERR_SEM_BUSY")
  );
}
