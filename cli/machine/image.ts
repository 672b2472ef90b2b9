import { z } from "zod";
import { UserError } from "../../host/userError";
import { listImages } from "../../machine/image/cache";
import { ensureImage } from "../../machine/image/ensure";
import { suites } from "../../machine/spec";
import { listMachines } from "../../machine/store";

const request = z.strictObject({ suite: z.enum(suites) });

/** Builds what `{"suite": …}` asks for and returns the image's id. */
export async function ensureFromJson(text: string): Promise<string> {
  let input: unknown;
  try {
    input = JSON.parse(text.trim() || "{}");
  } catch (error) {
    throw new UserError("image ensure: standard input is not JSON", (error as Error).message);
  }
  const parsed = request.safeParse({ suite: "trixie", ...(input as object) });
  if (!parsed.success) {
    throw new UserError(
      `image ensure: ${text.trim()} is not understood`,
      `suite must be ${suites.join(" or ")}`,
    );
  }
  const image = await ensureImage({
    suite: parsed.data.suite,
    progress: (line) => process.stderr.write(`${line}\n`),
  });
  return image.id;
}

/** One row for each node image, with how many machines are clones of it. */
export function imageRows(): object[] {
  const machines = listMachines();
  return listImages().map((image) => ({
    id: image.id,
    suite: image.suite,
    created: image.created.toISOString(),
    size: `${Math.round(image.size / 1024 ** 2)} MiB`,
    machines: machines.filter((machine) => machine.image === image.id).length,
    images: image.images.join(" ") || "-",
  }));
}
