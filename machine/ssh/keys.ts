import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { run } from "../../host/run";

/** Makes an ed25519 key pair at `file` and `file`.pub unless a whole one is there, and returns the public half, `ssh-ed25519 AAAA…`. */
export async function ensureKey(file: string): Promise<string> {
  if (!existsSync(`${file}.pub`)) {
    rmSync(file, { force: true });
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file]);
  }
  return readFileSync(`${file}.pub`, "utf8").trim();
}

/** As ssh-keygen prints it, for people to compare: `SHA256:…`. */
export function fingerprint(publicKey: string): string {
  const key = Buffer.from(publicKey.split(" ")[1] ?? "", "base64");
  return `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
}
