/**
 * The NoCloud seed of a machine: a volume labelled CIDATA with meta-data, user-data and network-config
 * (https://docs.cloud-init.io/en/latest/reference/datasources/nocloud.html). The node image reads it with
 * image/initrd-seed.sh, which takes exactly the layout written here; a cloud image's cloud-init reads it too.
 */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../host/run";

/** One network link of the guest. */
interface SeedLink {
  readonly name: string;
  readonly mac: string;
  /** With prefix length: `192.168.56.11/24`. */
  readonly address: string;
  readonly gateway?: string;
  readonly nameserver?: string;
}

export interface Seed {
  /** UUID; another one makes the guest take a new identity. */
  readonly instanceId: string;
  readonly hostName: string;
  /** Public keys that may log in as root. */
  readonly authorizedKeys: readonly string[];
  readonly hostKeyPrivate: string;
  readonly hostKeyPublic: string;
  readonly links: readonly SeedLink[];
}

function networkConfig(links: readonly SeedLink[]): string {
  const lines = ["version: 2", "ethernets:"];
  for (const link of links) {
    lines.push(
      `  ${link.name}:`,
      "    match:",
      `      macaddress: "${link.mac}"`,
      `    set-name: ${link.name}`,
    );
    lines.push("    addresses:", `      - ${link.address}`);
    if (link.gateway) lines.push("    routes:", "      - to: 0.0.0.0/0", `        via: ${link.gateway}`);
    if (link.nameserver) lines.push("    nameservers:", "      addresses:", `        - ${link.nameserver}`);
  }
  return `${lines.join("\n")}\n`;
}

const indent = (text: string): string => text.trimEnd().replace(/^/gm, "    ");

/** The three files by name. */
export function seedFiles(
  seed: Seed,
): Readonly<Record<"meta-data" | "user-data" | "network-config", string>> {
  return {
    "meta-data": `instance-id: ${seed.instanceId}\nlocal-hostname: ${seed.hostName}\n`,
    "user-data": `${[
      "#cloud-config",
      "disable_root: false",
      "ssh_deletekeys: true",
      "ssh_authorized_keys:",
      ...seed.authorizedKeys.map((key) => `  - ${key.trim()}`),
      "ssh_keys:",
      "  ed25519_private: |",
      indent(seed.hostKeyPrivate),
      `  ed25519_public: ${seed.hostKeyPublic.trim()}`,
      // Of cloud-init alone: lines of others in /etc/hosts stay, and a changed network-config holds from the next boot on.
      "manage_etc_hosts: localhost",
      "updates:",
      "  network:",
      "    when: [boot-new-instance, boot]",
    ].join("\n")}\n`,
    "network-config": networkConfig(seed.links),
  };
}

/** Writes the seed as an ISO 9660 volume, replacing `file` in one step. It holds the guest's host key: only its owner may read it. */
export async function writeSeed(seed: Seed, file: string): Promise<void> {
  const work = mkdtempSync(`${file}.`);
  try {
    const names = Object.entries(seedFiles(seed)).map(([name, text]) => {
      writeFileSync(join(work, name), text, { mode: 0o600 });
      return name;
    });
    const options = ["-quiet", "-volid", "CIDATA", "-joliet", "-rock", "-output", "seed.iso"];
    writeFileSync(join(work, "seed.iso"), "", { mode: 0o600 });
    await run("xorriso", ["-as", "mkisofs", ...options, ...names], { cwd: work });
    renameSync(join(work, "seed.iso"), file);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
