/** Options that only the Pulumi CLI can do something about. */
import { UserError } from "../host/userError";
import type { Flags } from "./flags";

const why: Partial<Record<keyof Flags, readonly [flag: string, reason: string]>> = {
  plan: ["--plan", "it has no update plans"],
  savePlan: ["--save-plan", "it has no update plans"],
  importFile: ["--import-file", "it writes no list of what is to be imported"],
  policyPack: ["--policy-pack", "it runs no policies"],
  policyPackConfig: ["--policy-pack-config", "it runs no policies"],
  attachDebugger: ["--attach-debugger", "it starts no debugger; NODE_OPTIONS=--inspect-brk does"],
  importPendingCreates: [
    "--import-pending-creates",
    "what an interrupted run was creating is created again by the next up",
  ],
};

/** Throws {@link UserError} for what the embedded engine would pass over. */
export function refuseUnsupported(flags: Flags, verb: "up" | "preview" | "refresh" | "destroy"): void {
  const refusal = (flag: string, reason: string): UserError =>
    new UserError(
      `${flag} is not supported by the embedded engine`,
      reason,
      "use the Pulumi CLI (--engine pulumi)",
    );
  for (const [name, [flag, reason] = ["", ""]] of Object.entries(why))
    if (flags[name as keyof Flags] !== undefined) throw refusal(flag, reason);
  // Where the program runs anyway and nothing is refreshed before, there is nothing to run it for.
  const runsIt = (verb === "up" || verb === "preview") && !flags.refresh;
  if (flags.runProgram && !runsIt)
    throw refusal("--run-program", "it refreshes and destroys by the state alone");
}

/** Secrets are kept with the passphrase. Throws {@link UserError} for any other keeper. */
export function checkSecretsProvider({ secretsProvider }: Flags): void {
  if (secretsProvider === undefined || ["", "default", "passphrase"].includes(secretsProvider)) return;
  throw new UserError(
    `--secrets-provider ${secretsProvider} is not supported by the embedded engine`,
    "it supports passphrase only",
    "use the Pulumi CLI for this stack",
  );
}
