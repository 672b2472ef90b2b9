/**
 * `npm run bench`: how long the main job takes, as ratios to one raw boot of the same image, so that figures of different
 * hosts can be compared. Run it on a host that does nothing else. BENCH_UNTUNED=1 (root) measures stock Debian too.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accelerator } from "../../machine/drivers/qemu/accelerator";
import { ensureImage } from "../../machine/image/ensure";
import { fetchOnce, until, visit } from "../e2e/http";
import { checkout, Vmcluster } from "../e2e/vmcluster";
import { bootSeconds, tunedGuest } from "./rawBoot";
import { print, type Row } from "./table";
import { untunedGuest } from "./untuned";

jest.setTimeout(60 * 60_000);

const stack = "bench";
const vmcluster = new Vmcluster(checkout, "bench");
const rows: Row[] = [];

afterAll(async () => {
  print(rows);
  await vmcluster.clean();
  rmSync(join(checkout, `Pulumi.${stack}.yaml`), { force: true });
});

it("measures a raw boot", async () => {
  const work = mkdtempSync(join(tmpdir(), "vmcluster-bench-"));
  try {
    Object.assign(process.env, vmcluster.environment);
    const progress = (line: string): void => void process.stderr.write(`${line}\n`);
    const image = await ensureImage({ suite: "trixie", progress });
    const guest = await tunedGuest(image, await accelerator(image, progress), work);
    const runs = [await bootSeconds(guest), await bootSeconds(guest), await bootSeconds(guest)];
    rows.push({
      what: "raw boot to docker info (median of 3)",
      seconds: runs.sort((a, b) => a - b)[1] as number,
    });
    if (process.env.BENCH_UNTUNED === "1") {
      const untuned = await bootSeconds(await untunedGuest("trixie", guest.identity, work));
      rows.push({ what: "the same of untuned Debian", seconds: untuned, aim: "at least 2 ×" });
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});

it("measures the stack", async () => {
  await vmcluster.ok("stack", "init", stack);
  const began = Date.now();
  const up = await vmcluster.ok("up", "--yes");
  const { urls } = await vmcluster.json<{ urls: { web: string[] } }>("stack", "output", "--json");
  for (const url of urls.web)
    await until(`${url} serves`, 300, async () => visit((await fetchOnce(url)).body).visits);
  const serving = (Date.now() - began) / 1000;
  const again = await vmcluster.ok("up", "--yes");
  const preview = await vmcluster.ok("preview", "--expect-no-changes");
  const destroy = await vmcluster.ok("destroy", "--yes", "--delete-data");
  rows.push(
    { what: "up, image in the cache, to its end", seconds: up.seconds },
    { what: "up, image in the cache, to serving from both nodes", seconds: serving, aim: "at most 6 ×" },
    { what: "up with nothing to change", seconds: again.seconds, aim: "under 5 s" },
    { what: "preview with nothing to change", seconds: preview.seconds },
    { what: "destroy", seconds: destroy.seconds },
  );
});
