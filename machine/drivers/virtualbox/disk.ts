/** A machine's disk: a differencing child of the golden disk, so that it holds only what differs. */
import { existsSync, rmSync } from "node:fs";
import type { MachineFiles } from "../../paths";
import { VBoxManageError } from "./failure";
import { manage } from "./manage";
import { vmInfo } from "./vm";

/** Makes the child and attaches it; the parent is left as it is, and any number of children may run at once. */
export async function attachClone(
  uuid: string,
  golden: string,
  files: MachineFiles,
  gib: number,
): Promise<void> {
  const make = ["createmedium", "disk", "--format", "VDI", "--filename", files.vdi, "--diffparent", golden];
  await manage(make);
  await manage([
    ...["storageattach", uuid, "--storagectl", "disks", "--port", "0", "--device", "0"],
    ...["--type", "hdd", "--medium", files.vdi, "--nonrotational", "on"],
  ]);
  await manage(["modifymedium", "disk", files.vdi, "--resize", String(gib * 1024)]);
}

/** Detaches and deletes it, before the machine goes: so VirtualBox has no reason to look at the golden disk. */
export async function forgetClone(uuid: string, files: MachineFiles): Promise<void> {
  const info = await vmInfo(uuid);
  if (info?.get("disks-0-0") !== undefined && info.get("disks-0-0") !== "none") {
    const place = ["--storagectl", "disks", "--port", "0", "--device", "0"];
    await manage(["storageattach", uuid, ...place, "--medium", "none"]).catch(() => undefined);
  }
  if (existsSync(files.vdi)) {
    await manage(["closemedium", "disk", files.vdi, "--delete"]).catch(() => undefined);
    rmSync(files.vdi, { force: true });
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
