import { Command, Option } from "commander";
import { suites } from "../../machine/spec";
import { print, printedBefore, progressOn, question, readStdin } from "./io";
import { table } from "./list";
import { formatOption } from "./lookingVerbs";

interface PullFlags {
  readonly checksum?: string;
  readonly checksums?: string;
  readonly unchecked?: boolean;
  readonly name?: string;
}

/** `vmcluster image …`: what machines' disks are clones of. */
export function imageCommand(): Command {
  const image = new Command("image").description(
    "List, build, pull and remove the disk images that machines are clones of",
  );
  image
    .command("ls")
    .description("list the images on this host, with the machines that are clones of each")
    .addOption(formatOption())
    .action(async ({ format }: { format: string }) => {
      const { imageRows, tableRows } = await import("./image.js");
      print(format === "json" ? JSON.stringify(imageRows()) : table(tableRows(imageRows())));
    });
  image
    .command("build")
    .description("build the node image if it is not there, and print its id")
    .addOption(new Option("--suite <suite>", "Debian suite").choices(suites).default("trixie"))
    .action(async ({ suite }: { suite: string }) => {
      const { buildImage } = await import("./image.js");
      print(await buildImage(suite));
    });
  image
    .command("pull")
    .description("download a cloud image (qcow2 or raw, also compressed), check it, and print its name")
    .argument("<url>", "https, http or file, or a path")
    .option("--checksum <checksum>", "sha256:HEX or sha512:HEX of the file")
    .option("--checksums <url>", "URL or path of a file of checksums: SHA256SUMS, SHA512SUMS, CHECKSUM")
    .option("--unchecked", "take it without a checksum")
    .option("--name <name>", "what to call it; by default the file's name without its ending")
    .action(async (url: string, flags: PullFlags) => {
      const { pull } = await import("./image.js");
      print(await pull(url, flags));
    });
  addRemoving(image);
  addBuildah(image);
  image
    .command("ensure")
    .description(
      'for programs: build what {"suite": "trixie"} on standard input asks for, or get {"image": "name or URL", "imageChecksum": …}; prints {"image": "<id>"}',
    )
    .action(async () => {
      const { ensureFromJson } = await import("./image.js");
      print(JSON.stringify({ image: await ensureFromJson(await readStdin()) }));
    });
  image
    .command("digest")
    .description(
      "for programs: tell which digest the image name in the JSON on standard input stands for now",
    )
    .action(async () => {
      const { imageDigest } = await import("./imageDigest.js");
      print(JSON.stringify(await imageDigest(await readStdin())));
    });
  return image;
}

/** For `ServiceImage`; specified in docs/internals.md. */
function addBuildah(image: Command): void {
  image
    .command("context-digest")
    .description("for programs: tell the hash of a build context, and whether Buildah can build it here")
    .action(async () => {
      const { contextAnswer, contextQuestion } = await import("./buildah/context.js");
      print(JSON.stringify(await contextAnswer(await question(contextQuestion))));
    });
  image
    .command("publish")
    .description("for programs: build an image with Buildah and publish it; prints its digest")
    .action(async () => {
      const { published, publishImage } = await import("./buildah/publish.js");
      const { publishSpec } = await import("./buildah/publishSpec.js");
      const spec = await question(publishSpec);
      const result = await publishImage(spec, printedBefore(published), progressOn(spec.path));
      print(JSON.stringify(result));
    });
}

function addRemoving(image: Command): void {
  image
    .command("rm")
    .description("remove images that no machine is a clone of")
    .argument("<images...>", "names or ids")
    .action(async (names: string[]) => {
      const { remove } = await import("./image.js");
      await remove(names);
    });
  image
    .command("prune")
    .description("remove the images that no machine is a clone of and this version would not use")
    .option("-a, --all", "also those it would: the present node image, pulled images, interrupted downloads")
    .option("--dry-run", "only tell what would be removed")
    .action(async (flags: { all?: boolean; dryRun?: boolean }) => {
      const { prune } = await import("./image.js");
      await prune(flags.all === true, flags.dryRun === true);
    });
}
