import { z } from "zod";
import { UserError } from "../../host/userError";
import { type ListedImage, listImages, listSystems } from "../../machine/image/cache";
import { ensurePulled } from "../../machine/image/choose";
import { cloudImageSize, pulledImages } from "../../machine/image/cloudImages";
import { ensureImage } from "../../machine/image/ensure";
import { pruneImages, type Removed, removeImages } from "../../machine/image/prune";
import { type Checksum, parseChecksum } from "../../machine/image/pull/checksum";
import { fetchChecksum } from "../../machine/image/pull/checksumFile";
import { checkedName, pullImage } from "../../machine/image/pull/pull";
import { fileNameOf, readSource, type Source } from "../../machine/image/pull/source";
import { usersOf, userText } from "../../machine/image/uses";
import { suites } from "../../machine/spec";
import { installPrograms } from "../systemPackages";
import { print } from "./io";

const progress = (line: string): void => void process.stderr.write(`${line}\n`);

/** Only a clone's launcher installs; see cli/systemPackages.ts. */
function installMissing(): void {
  if (process.env.VMCLUSTER_LAUNCHER) installPrograms(["machines"]);
}

export async function buildImage(suite: string): Promise<string> {
  installMissing();
  return (await ensureImage({ suite, progress })).id;
}

const request = z.union([
  z.strictObject({ image: z.string(), imageChecksum: z.string().optional() }),
  z.strictObject({ suite: z.enum(suites).default("trixie") }),
]);

/** Builds what `{"suite": …}` asks for, or gets what `{"image": …}` does, and returns the image's id. */
export async function ensureFromJson(text: string): Promise<string> {
  let input: unknown;
  try {
    input = JSON.parse(text.trim() || "{}");
  } catch (error) {
    throw new UserError("image ensure: standard input is not JSON", (error as Error).message);
  }
  const parsed = request.safeParse(input);
  if (!parsed.success) {
    throw new UserError(
      `image ensure: ${text.trim()} is not understood`,
      `suite must be ${suites.join(" or ")}, or image the name of one that was pulled`,
    );
  }
  if ("image" in parsed.data) return (await ensurePulled(parsed.data.image, parsed.data, progress)).id;
  return (await ensureImage({ suite: parsed.data.suite, progress })).id;
}

export interface ImageRow {
  readonly id: string;
  /** `built` here, `pulled`, or the `system` that built ones are made of. */
  readonly kind: "built" | "pulled" | "system";
  /** Of pulled ones; empty if a newer one has it now. */
  readonly name: string;
  /** Debian suite, or where it was pulled from. */
  readonly source: string;
  /** Of the downloaded file; empty if it was not checked. */
  readonly checksum: string;
  readonly created: string;
  /** On this host. */
  readonly bytes: number;
  /** Machines that are clones of it. */
  readonly machines: readonly string[];
  /** Service images in it. */
  readonly images: readonly string[];
}

const builtRow = (kind: "built" | "system", image: ListedImage): ImageRow => ({
  id: image.id,
  kind,
  name: "",
  source: `Debian ${image.suite}`,
  checksum: "",
  created: image.created.toISOString(),
  bytes: image.size,
  machines: usersOf(image.id).map(userText),
  images: image.images,
});

export function imageRows(): ImageRow[] {
  const pulled = pulledImages().map(
    (image): ImageRow => ({
      id: image.id,
      kind: "pulled",
      name: image.superseded ? "" : image.name,
      source: image.source,
      checksum: image.checksum ?? "",
      created: image.pulled,
      bytes: cloudImageSize(image),
      machines: usersOf(image.id).map(userText),
      images: [],
    }),
  );
  const built = listImages().map((image) => builtRow("built", image));
  return [...pulled, ...built, ...listSystems().map((image) => builtRow("system", image))];
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MiB`;

/** What a person wants to see of them. */
export const tableRows = (rows: readonly ImageRow[]): object[] =>
  rows.map(({ id, kind, name, source, created, bytes, machines }) => ({
    name: name || "-",
    id,
    kind,
    source,
    created: created.slice(0, 16).replace("T", " "),
    size: mebibytes(bytes),
    machines: machines.join(", ") || "-",
  }));

interface PullFlags {
  readonly checksum?: string;
  readonly checksums?: string;
  readonly unchecked?: boolean;
  readonly name?: string;
}

async function checksumOf(source: Source, flags: PullFlags): Promise<Checksum | undefined> {
  const given = [flags.checksum, flags.checksums, flags.unchecked].filter((flag) => flag !== undefined);
  if (given.length > 1) {
    throw new UserError("--checksum, --checksums and --unchecked: only one of them can be given");
  }
  if (flags.checksum !== undefined) return parseChecksum(flags.checksum);
  if (flags.checksums !== undefined) return fetchChecksum(flags.checksums, fileNameOf(source));
  if (flags.unchecked) return undefined;
  throw new UserError(
    `image pull: there is no checksum for ${fileNameOf(source)}`,
    "machines run what the image brings, so it must be known to be the one that was published",
    "give --checksum sha256:… or --checksums URL (SHA256SUMS or SHA512SUMS, beside the image in most places), or --unchecked",
  );
}

/** `image pull`. @returns the name it has now */
export async function pull(url: string, flags: PullFlags): Promise<string> {
  const source = readSource("image", url);
  checkedName(flags.name, source);
  installMissing();
  const checksum = await checksumOf(source, flags);
  return (await pullImage({ source, name: flags.name, checksum, progress })).name;
}

function tell(found: readonly Removed[], verb: string): void {
  for (const { what, size } of found) print(`${verb} ${what} (${mebibytes(size)})`);
}

/** `image rm`. */
export async function remove(names: readonly string[]): Promise<void> {
  tell(await removeImages(names, progress), "removed");
}

/** `image prune`. */
export async function prune(all: boolean, dryRun: boolean): Promise<void> {
  const found = await pruneImages({ all, dryRun, progress });
  tell(found, dryRun ? "would remove" : "removed");
  const total = found.reduce((sum, { size }) => sum + size, 0);
  print(`${mebibytes(total)} ${dryRun ? "would be freed" : "freed"}`);
}
