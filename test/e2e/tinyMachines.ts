/** Real machines that boot in seconds (tinyGuest.ts), for tests of the machines themselves; they have no Docker. */
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { nodeImageId } from "../../machine/image/ensure";
import { makeTinyImage } from "../tinyGuest";
import { ProgramFolder } from "./programFolder";
import { Vmcluster } from "./vmcluster";

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

/** A program's folder whose machines are tiny ones. */
export class TinyProject extends ProgramFolder {
  constructor(name: string) {
    super(name);
    this.vmcluster.extra = { VMCLUSTER_IMAGES: join(this.folder, "images") };
  }

  /** The command for a second program with a project of its own; `home`: of this one, or a new one. */
  another(name: string, home?: string): Vmcluster {
    const vmcluster = new Vmcluster(this.project(name), name, home);
    vmcluster.extra = this.vmcluster.extra;
    return vmcluster;
  }

  /** Replaces a project's program; `body` has `pulumi` and `Machine`. */
  override program(body: string, dir?: string): void {
    const head = 'const pulumi = require("@pulumi/pulumi");\nconst { Machine } = require("vmcluster");\n';
    super.program(`${head}${body}`, dir);
  }

  async prepare(): Promise<void> {
    if (!existsSync(join(this.folder, "images"))) mkdirSync(join(this.folder, "images"));
    await tinyImages(join(this.folder, "images"));
  }
}
