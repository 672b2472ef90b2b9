/** What a downloaded file really is, by its first bytes, and how a qcow2 disk is made of it. */
import { createReadStream, createWriteStream, linkSync, renameSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { z } from "zod";
import { RunError, run } from "../../../host/run";
import { requireTools } from "../../../host/tools";
import { UserError } from "../../../host/userError";
import type { Progress } from "../../progress";

type Kind = "qcow2" | "raw" | "gzip" | "xz";

const magic: readonly (readonly [string, number, Kind | { readonly refused: string }])[] = [
  ["514649fb", 0, "qcow2"],
  ["1f8b", 0, "gzip"],
  ["fd377a585a00", 0, "xz"],
  ["28b52ffd", 0, { refused: "is compressed with zstd: decompress it and pull the file" }],
  ["425a68", 0, { refused: "is compressed with bzip2: decompress it and pull the file" }],
  ["504b0304", 0, { refused: "is a zip archive: unpack it and pull the disk in it" }],
  ["7573746172", 257, { refused: "is a tar archive: unpack it and pull the disk in it" }],
  ["4b444d56", 0, { refused: "is a VMDK: convert it (qemu-img convert -O qcow2) and pull that" }],
  ["7f10dabe", 64, { refused: "is a VDI: convert it (qemu-img convert -O qcow2) and pull that" }],
  ["4344303031", 32_769, { refused: "is a CD image: pull a disk image for clouds, not an installer" }],
  // The signature of an MBR, which disks with a GUID partition table have too.
  ["55aa", 510, "raw"],
];

/** @throws UserError for what is no disk that a machine can be a clone of */
async function kindOf(path: string, shown: string): Promise<Kind> {
  const head = Buffer.alloc(34_816);
  const file = await open(path);
  try {
    await file.read(head, 0, head.length, 0);
  } finally {
    await file.close();
  }
  const found = magic.find(([hex, at]) =>
    head
      .subarray(at)
      .toString("hex", 0, hex.length / 2)
      .startsWith(hex),
  )?.[2];
  if (typeof found === "string") return found;
  if (found !== undefined) throw new UserError(`${shown} ${found.refused}`);
  throw new UserError(
    `${shown} is not a disk image`,
    /^\s*</.test(head.toString("latin1", 0, 64))
      ? "it is a web page"
      : "it is neither qcow2 nor a raw disk with a partition table",
  );
}

async function decompress(kind: "gzip" | "xz", from: string, to: string, shown: string): Promise<void> {
  try {
    if (kind === "gzip") {
      await pipeline(createReadStream(from), createGunzip(), createWriteStream(to));
    } else {
      requireTools("an image that is compressed with xz", ["xz"]);
      // xz goes by the name's end, removes what it has unpacked, and leaves holes for zeros.
      rmSync(`${to}.xz`, { force: true });
      linkSync(from, `${to}.xz`);
      await run("xz", ["--decompress", "--force", `${to}.xz`]);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${shown} cannot be decompressed`, (error as Error).message);
  }
}

const imageInfo = z.object({
  "virtual-size": z.number(),
  "backing-filename": z.string().optional(),
  "format-specific": z.object({ data: z.looseObject({ "data-file": z.string().optional() }) }).optional(),
});

/** A disk that names other files of this host would let its guest read them. */
function refuseOtherFiles(info: z.infer<typeof imageInfo>, shown: string): void {
  const other = info["backing-filename"] ?? info["format-specific"]?.data["data-file"];
  if (other === undefined) return;
  throw new UserError(
    `${shown} is not whole: it needs the file ${JSON.stringify(other)}`,
    "an image that is a layer over another file is refused",
    "make one of its own: qemu-img convert -O qcow2",
  );
}

/** 3: there are clusters that nothing uses, which only take space. */
async function check(disk: string): Promise<void> {
  await run("qemu-img", ["check", "-q", "-f", "qcow2", disk]).catch((error: unknown) => {
    if (!(error instanceof RunError && error.code === 3)) throw error;
  });
}

/**
 * Makes `disk.qcow2` in a folder of a downloaded file, which may become it. The format is never guessed by QEMU: a raw disk could
 * pretend to be another one.
 *
 * @returns its size as the guest sees it, in bytes
 * @throws UserError if it is no disk, damaged, or refers to other files
 */
export async function makeDisk(
  file: string,
  dir: string,
  shown: string,
  progress: Progress,
): Promise<number> {
  const disk = join(dir, "disk.qcow2");
  let plain = file;
  let kind = await kindOf(file, shown);
  if (kind === "gzip" || kind === "xz") {
    progress("decompressing");
    plain = join(dir, "disk.plain");
    await decompress(kind, file, plain, shown);
    kind = await kindOf(plain, shown);
    if (kind === "gzip" || kind === "xz") throw new UserError(`${shown} is compressed twice`);
  }
  try {
    const { stdout } = await run("qemu-img", ["info", "-f", kind, "--output=json", plain]);
    const info = imageInfo.parse(JSON.parse(stdout));
    refuseOtherFiles(info, shown);
    if (kind === "qcow2") {
      await check(plain);
      renameSync(plain, disk);
    } else {
      progress("making a qcow2 disk of it");
      await run("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", plain, disk]);
      rmSync(plain);
    }
    return info["virtual-size"];
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    throw new UserError(`${shown}: qemu-img cannot read it`, error.stderr.trim() || error.message);
  }
}
