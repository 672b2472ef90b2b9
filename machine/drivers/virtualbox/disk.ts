/** A machine's disk: a differencing child of the golden disk, so that it holds only what differs. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { MachineFiles } from "../../paths";
import { VBoxManageError } from "./failure";
import { manage } from "./manage";
import { type VmInfo, vmInfo } from "./vm";

/** In the machine's folder. */
const grownName = "disk-grown.vdi";

/** Those that may be a machine's: the child, and what it grew into. */
const diskFiles = (files: MachineFiles): string[] => [files.vdi, join(files.dir, grownName)];

/** A machine's disk, whether VirtualBox knows it or not; undefined if it is gone. */
export const diskLeft = (files: MachineFiles): string | undefined =>
  diskFiles(files).find((file) => existsSync(file));

const slot = ["--storagectl", "disks", "--port", "0", "--device", "0"];

const attach = (uuid: string, file: string): Promise<string> =>
  manage(["storageattach", uuid, ...slot, "--type", "hdd", "--medium", file, "--nonrotational", "on"]);

/** The disk that is attached. */
export function diskIn(info: VmInfo | undefined): string | undefined {
  const file = info?.get("disks-0-0");
  return file === undefined || file === "none" ? undefined : file;
}

/** Makes the child and attaches it; the parent is left as it is, and any number of children may run at once. */
export async function attachClone(uuid: string, golden: string, files: MachineFiles): Promise<void> {
  const make = ["createmedium", "disk", "--format", "VDI", "--filename", files.vdi, "--diffparent", golden];
  await manage(make);
  await attach(uuid, files.vdi);
}

/** A child cannot be larger than its parent, so the first growth makes a disk of its own of it; from the attaching on that is the machine's. */
export async function growClone(uuid: string, files: MachineFiles, gib: number): Promise<void> {
  const old = diskIn(await vmInfo(uuid));
  if (old === undefined) throw new Error(`VirtualBox's machine ${uuid} has no disk`);
  const size = ["--resize", String(gib * 1024)];
  if (old !== files.vdi) {
    await manage(["modifymedium", "disk", old, ...size]);
    return;
  }
  const grown = join(files.dir, grownName);
  // Left by a growth that was killed.
  await forgetMedium("disk", grown);
  rmSync(grown, { force: true });
  await manage(["clonemedium", "disk", old, grown, "--format", "VDI"]);
  await manage(["modifymedium", "disk", grown, ...size]);
  await attach(uuid, grown);
  await manage(["closemedium", "disk", old, "--delete"]);
}

/** Detaches and deletes it, before the machine goes: so VirtualBox has no reason to look at the golden disk. */
export async function forgetClone(uuid: string, files: MachineFiles): Promise<void> {
  if (diskIn(await vmInfo(uuid)) !== undefined) {
    await manage(["storageattach", uuid, ...slot, "--medium", "none"]).catch(() => undefined);
  }
  for (const file of diskFiles(files).filter((one) => existsSync(one))) {
    await manage(["closemedium", "disk", file, "--delete"]).catch(() => undefined);
    rmSync(file, { force: true });
  }
}

/**
 * Makes VirtualBox forget an image, which it does only when no machine and no child has it any more; the file stays. It keeps
 * CDs in its list after their machine is gone.
 */
export async function forgetMedium(kind: "disk" | "dvd", file: string): Promise<void> {
  await manage(["closemedium", kind, file]).catch((error: unknown) => {
    if (!(error instanceof VBoxManageError)) throw error;
  });
}
