import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunError, run } from "../../host/run";

/** The document as Chromium has it some seconds after loading, scripts run. Fails with what to install where there is no Chromium. */
export async function renderedPage(url: string): Promise<string> {
  const profile = mkdtempSync(join(tmpdir(), "vmcluster-chromium-"));
  try {
    const { stdout } = await run(
      "chromium",
      [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        `--user-data-dir=${profile}`,
        "--virtual-time-budget=10000",
        "--dump-dom",
        url,
      ],
      { timeoutMs: 120_000 },
    );
    return stdout;
  } catch (error) {
    if (error instanceof RunError && error.code === undefined)
      throw new Error(`${error.message} (apt-get install chromium)`);
    throw error;
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
}
