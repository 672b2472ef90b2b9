import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../host/run";

/** Buildah's images of this test alone, for it and for what it starts. */
export class BuildahStorage {
  private readonly folder = mkdtempSync(join(tmpdir(), "vmcluster-buildah-test-"));

  constructor() {
    const file = join(this.folder, "storage.conf");
    // The driver that works in any folder.
    writeFileSync(
      file,
      `[storage]\ndriver = "vfs"\ngraphroot = "${this.folder}/graph"\nrunroot = "${this.folder}/run"\n`,
    );
    process.env.CONTAINERS_STORAGE_CONF = file;
    // Needs no programs that make networks, which are not in the package.
    process.env.BUILDAH_ISOLATION = "chroot";
  }

  /** What `buildah images` lists, with all layers if `all`. */
  async images(all = false): Promise<string[]> {
    const { stdout } = await run("buildah", ["images", ...(all ? ["--all"] : []), "--quiet"]);
    return stdout.split("\n").filter((line) => line !== "");
  }

  remove(): void {
    for (const name of ["CONTAINERS_STORAGE_CONF", "BUILDAH_ISOLATION"]) delete process.env[name];
    rmSync(this.folder, { recursive: true, force: true });
  }
}
