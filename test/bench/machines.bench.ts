/** What each further machine costs: time until its Docker answers, and the memory that its emulator takes of the host. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findQemu } from "../../machine/drivers/qemu/process";
import { Vmcluster } from "../e2e/vmcluster";
import { print, type Row } from "./table";

jest.setTimeout(60 * 60_000);

const folder = mkdtempSync(join(tmpdir(), "vmcluster-bench-"));
const vmcluster = new Vmcluster(folder, "bench-machines");
afterAll(async () => {
  await vmcluster.clean();
  rmSync(folder, { recursive: true, force: true });
});

/** MiB of the host's memory in use by a machine's emulator. */
function residentMemory(name: string): number {
  const pid = findQemu(join(vmcluster.home, "machines", name, "qemu.pid"))?.pid;
  const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kibibytes) / 1024);
}

it("measures machines made one after the other, and four at once", async () => {
  const rows: Row[] = [];
  for (const name of ["vm1", "vm2", "vm3", "vm4"]) {
    const { seconds } = await vmcluster.ok("machine", "create", name);
    rows.push({ what: `create ${name}: ${residentMemory(name)} MiB of 1024 in use`, seconds });
  }
  await vmcluster.ok("machine", "rm", "-f", "vm1", "vm2", "vm3", "vm4");
  const together = await vmcluster.ok("machine", "create", "vm1", "vm2", "vm3", "vm4");
  rows.push({ what: "create four at once", seconds: together.seconds });
  const { seconds } = await vmcluster.ok("machine", "rm", "-f", "vm1", "vm2", "vm3", "vm4");
  rows.push({ what: "rm of the four", seconds });
  print(rows);
});
