/**
 * Turns a system into a golden image: boots it once, so that Docker has set itself up and the service images are loaded,
 * then removes what identifies this one node.
 */
import { randomUUID } from "node:crypto";
import { copyFileSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../host/run";
import { runBound } from "../../host/runBound";
import { UserError } from "../../host/userError";
import { loopbackCandidates, macOf, multicastOf } from "../addresses";
import { consoleTail } from "../console";
import type { NodeImage } from "../driver";
import { accelerator } from "../drivers/qemu/accelerator";
import { guestAddress, qemuArguments } from "../drivers/qemu/arguments";
import { killQemu, waitUntilGone } from "../drivers/qemu/process";
import { inGuest, waitForDocker } from "../guest";
import { freeAddress } from "../hostPorts";
import type { MachineFiles } from "../paths";
import { type Progress, waiting } from "../progress";
import { sshPort } from "../readSpec";
import { writeSeed } from "../seed";
import { machineSpec } from "../spec";
import { ensureKey } from "../ssh/keys";
import { openSession } from "../ssh/session";
import type { MachineRecord } from "../store";
import { type ImageDescription, publish, removeTree, workFolder } from "./cache";
import { assets, baseDiskGib, imageId, type ServiceImage } from "./recipe";

const bootTimeoutMs = 15 * 60_000;

/** The node that is booted for baking has all its files in the work folder. */
function filesIn(dir: string): MachineFiles {
  return {
    dir,
    record: join(dir, "machine.json"),
    disk: join(dir, "disk.qcow2"),
    vdi: "",
    seed: join(dir, "seed.iso"),
    identity: join(dir, "id_ed25519"),
    hostKey: join(dir, "ssh_host_ed25519_key"),
    knownHosts: join(dir, "known_hosts"),
    sshConfig: join(dir, "ssh_config"),
    console: join(dir, "console.log"),
    pid: join(dir, "qemu.pid"),
    sockets: dir,
    // Nobody talks to it; a name in the work folder may be too long for a socket.
    qmp: "",
    control: "",
  };
}

async function prepare(files: MachineFiles): Promise<MachineRecord> {
  const name = "golden";
  const machineId = randomUUID();
  const macs: [string, string] = [macOf(machineId, 0), macOf(machineId, 1)];
  const address = await freeAddress(loopbackCandidates(`golden-${machineId}`), [sshPort]);
  await ensureKey(files.identity);
  const hostKey = await ensureKey(files.hostKey);
  const spec = machineSpec.parse({ name, cluster: name, disk: baseDiskGib });
  const network = {
    address,
    sshPort,
    privateAddress: "192.168.56.2",
    macs,
    multicast: multicastOf(machineId),
  };
  await writeSeed(
    {
      instanceId: machineId,
      hostName: name,
      authorizedKeys: [readFileSync(`${files.identity}.pub`, "utf8")],
      hostKeyPrivate: readFileSync(files.hostKey, "utf8"),
      hostKeyPublic: hostKey,
      links: [{ name: "eth0", mac: macs[0], address: `${guestAddress}/24`, gateway: "10.0.2.2" }],
    },
    files.seed,
  );
  return {
    version: 1,
    phase: "creating",
    spec,
    machineId,
    image: "",
    images: [],
    network,
    hostKey,
    condition: "ok",
  };
}

async function fillGuest(
  node: MachineRecord,
  files: MachineFiles,
  images: readonly ServiceImage[],
  progress: Progress,
): Promise<void> {
  const { address } = node.network;
  const target = { address, port: sshPort, user: "root", hostKey: node.hostKey, identity: files.identity };
  const session = await waiting(
    "booting it once",
    progress,
    openSession(target, AbortSignal.timeout(bootTimeoutMs)),
  );
  try {
    await waiting("waiting for its Docker", progress, waitForDocker(session, bootTimeoutMs));
    for (const [index, image] of images.entries()) {
      const device = `/dev/vd${String.fromCharCode("c".charCodeAt(0) + index)}`;
      await waiting(`loading ${image.ref}`, progress, inGuest(session, `docker load -q -i ${device}`));
    }
    progress("removing its identity");
    await inGuest(session, "sh -s", readFileSync(join(assets, "forget-identity.sh"), "utf8"));
    await inGuest(session, "systemctl poweroff --no-wall --no-block");
  } finally {
    session.dispose();
  }
}

/** Makes the golden image of a system and service images and puts it into the cache. Call it with the build lock held. */
export async function bake(
  system: NodeImage,
  suite: string,
  images: readonly ServiceImage[],
  progress: Progress,
): Promise<void> {
  const dir = await workFolder();
  const files = filesIn(dir);
  try {
    const node = await prepare(files);
    for (const name of ["vmlinuz", "initrd"]) copyFileSync(join(system.kernel, "..", name), join(dir, name));
    await run("qemu-img", ["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", system.disk, files.disk]);
    const kind = await accelerator(system, progress);
    const options = { isolated: true, foreground: true, attached: images.map((image) => image.archive) };
    const emulator = runBound("qemu-system-x86_64", qemuArguments(node, files, system, kind, options));
    const ended = emulator.then(() => {
      throw new Error("it stopped too early");
    });
    try {
      await Promise.race([fillGuest(node, files, images, progress), ended]);
      if (!(await waitUntilGone(files.pid, 120_000))) throw new Error("it does not shut down");
    } catch (error) {
      throw new UserError(
        `the node image was built but does not work: ${(error as Error).message}`,
        `the last lines of its console:\n${consoleTail(files.console, 12)}`,
        kind === "kvm" ? "try emulation: VMCLUSTER_ACCEL=tcg" : "try again when this host is less busy",
      );
    } finally {
      await killQemu(files.pid);
      await ended.catch(() => undefined);
    }
    progress("packing the node image");
    await run("qemu-img", ["convert", "-O", "qcow2", files.disk, join(dir, "golden.qcow2")]);
    renameSync(join(dir, "golden.qcow2"), files.disk);
    for (const file of [files.seed, files.identity, files.hostKey]) {
      for (const name of [file, `${file}.pub`]) rmSync(name, { force: true });
    }
    for (const file of [files.console, files.pid]) rmSync(file, { force: true });
    const description: ImageDescription = { suite, images: images.map((image) => image.ref) };
    writeFileSync(join(dir, "image.json"), `${JSON.stringify(description)}\n`);
    publish("node", imageId(suite, description.images), dir);
  } finally {
    await removeTree(dir);
  }
}
