import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkout, Vmcluster } from "./vmcluster";

/** A folder with a program of its own that uses the checkout's build of the library, and the command to run it. */
export class ProgramFolder {
  readonly folder: string;
  readonly vmcluster: Vmcluster;

  constructor(name: string) {
    this.folder = mkdtempSync(join(tmpdir(), `vmcluster-${name}-`));
    this.vmcluster = new Vmcluster(this.project(name), name);
  }

  /** Makes another project in it, with no program yet; returns its folder. */
  project(name: string): string {
    const dir = join(this.folder, name);
    mkdirSync(join(dir, "node_modules"), { recursive: true });
    symlinkSync(checkout, join(dir, "node_modules/vmcluster"));
    symlinkSync(join(checkout, "node_modules/@pulumi"), join(dir, "node_modules/@pulumi"));
    writeFileSync(join(dir, "Pulumi.yaml"), `name: ${name}\nruntime: nodejs\n`);
    writeFileSync(join(dir, "package.json"), JSON.stringify({ name, main: "index.js", private: true }));
    return dir;
  }

  /** Replaces a project's program. */
  program(source: string, dir = this.vmcluster.cwd): void {
    writeFileSync(join(dir, "index.js"), `${source}\n`);
  }

  async clean(): Promise<void> {
    await this.vmcluster.clean();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
