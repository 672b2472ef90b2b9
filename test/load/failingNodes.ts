/** What happens to a machine from outside: frozen, or cut off from the private network; by its real QEMU. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { qmp } from "../../machine/drivers/qemu/qmp";
import type { Vmcluster } from "../e2e/vmcluster";

const fileOf = ({ home }: Vmcluster, machine: string, file: string): string =>
  join(home, "machines", machine, file);

/** Freezes a machine's QEMU; returns what lets it go on. */
export function freeze(vmcluster: Vmcluster, machine: string): () => void {
  const pid = Number(readFileSync(fileOf(vmcluster, machine, "qemu.pid"), "utf8"));
  process.kill(pid, "SIGSTOP");
  return () => void process.kill(pid, "SIGCONT");
}

/** Pulls the plug of a machine's private network card, or puts it in again. */
export async function cable(vmcluster: Vmcluster, machine: string, up: boolean): Promise<void> {
  await qmp(
    fileOf(vmcluster, machine, "qmp.sock"),
    [{ execute: "set_link", arguments: { name: "private", up } }],
    60_000,
  );
}
