/** Real machines that boot in seconds (tinyGuest.ts), for tests of the machines themselves; they have no Docker. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { nodeImageId } from "../../machine/image/ensure";
import { makeTinyImage } from "../tinyGuest";
import { checkout, Vmcluster } from "./vmcluster";

/** Makes a folder of images that has the tiny one under the name of the real one. */
async function tinyImages(folder: string): Promise<void> {
  const before = process.env.VMCLUSTER_IMAGES;
  // The system image, whose kernel it takes, is that of the other tests.
  process.env.VMCLUSTER_IMAGES = before ?? join(homedir(), ".cache/vmcluster/images");
  try {
    await makeTinyImage(join(folder, `node-${nodeImageId("trixie")}`));
  } finally {
    if (before === undefined) delete process.env.VMCLUSTER_IMAGES;
  }
}

/** A project folder with a program of its own that uses the checkout's build of the library, and the command to run it. */
export class TinyProject {
  readonly folder: string;
  readonly vmcluster: Vmcluster;

  constructor(name: string) {
    this.folder = mkdtempSync(join(tmpdir(), `vmcluster-${name}-`));
    this.vmcluster = new Vmcluster(this.project(name), name);
    this.vmcluster.extra = { VMCLUSTER_IMAGES: join(this.folder, "images") };
  }

  /** The command for a second program with a project of its own; `home`: of this one, or a new one. */
  another(name: string, home?: string): Vmcluster {
    const vmcluster = new Vmcluster(this.project(name), name, home);
    vmcluster.extra = this.vmcluster.extra;
    return vmcluster;
  }

  private project(name: string): string {
    const dir = join(this.folder, name);
    mkdirSync(join(dir, "node_modules"), { recursive: true });
    symlinkSync(checkout, join(dir, "node_modules/vmcluster"));
    symlinkSync(join(checkout, "node_modules/@pulumi"), join(dir, "node_modules/@pulumi"));
    writeFileSync(join(dir, "Pulumi.yaml"), `name: ${name}\nruntime: nodejs\n`);
    writeFileSync(join(dir, "package.json"), JSON.stringify({ name, main: "index.js", private: true }));
    return dir;
  }

  /** Replaces a project's program; `body` has `pulumi` and `Machine`. */
  program(body: string, dir = this.vmcluster.cwd): void {
    const head = 'const pulumi = require("@pulumi/pulumi");\nconst { Machine } = require("vmcluster");\n';
    writeFileSync(join(dir, "index.js"), `${head}${body}\n`);
  }

  async prepare(): Promise<void> {
    if (!existsSync(join(this.folder, "images"))) mkdirSync(join(this.folder, "images"));
    await tinyImages(join(this.folder, "images"));
  }

  async clean(): Promise<void> {
    await this.vmcluster.clean();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
