/** `buildah build`. Specified by containers/buildah: docs/buildah-build.1.md. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { LastLines } from "../../../host/lastLines";
import { RunError, type RunResult, run } from "../../../host/run";
import { runBound } from "../../../host/runBound";
import { findProgram } from "../../../host/tools";
import { UserError } from "../../../host/userError";
import type { Progress } from "../../../machine/progress";
import { packFiles } from "../../../providers/docker/buildContext";
import { authOptions } from "./authFile";
import type { PublishSpec } from "./publishSpec";

const keptOutput = 4000;
/** What a build prints by itself: its steps, and images that it gets. What its commands print is told if it fails. */
const step = /^(\[\d+\/\d+\] )?(STEP \d|COMMIT )|^(Trying to pull|Copying blob) /;

/**
 * Builds the image in this user's storage, from the layers that are there already. The untagged image that was built before is
 * removed, with the layers that only it has.
 *
 * @returns its ID, `sha256:…`
 * @throws UserError with the last that the build printed
 */
export async function buildImage(spec: PublishSpec, folder: string, progress: Progress): Promise<string> {
  const { build, server, path, tags } = spec;
  const names = tags.map((tag) => `${server}/${path}:${tag}`);
  const idFile = join(folder, "id");
  const before = await imageNamed(names[0] as string);
  const output = new LastLines(keptOutput);
  const onLine = (line: string): void => {
    output.add(`${line}\n`);
    if (step.test(line)) progress(line);
  };
  const options = [
    // The image's own format has no health checks.
    ...["--format", "docker"],
    ...["--layers", "--force-rm"],
    // Nothing of the copy is to be left out.
    ...["--ignorefile", "/dev/null"],
    ...["--file", resolve(build.dockerfile), "--platform", build.platform],
    ...["--iidfile", idFile],
    ...isolation(),
    ...authOptions(folder, server, spec),
    ...(build.target === undefined ? [] : ["--target", build.target]),
    ...Object.entries(build.args ?? {}).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]),
    ...names.flatMap((name) => ["--tag", name]),
  ];
  const context = await copyOf(build, folder);
  try {
    await runBound("buildah", ["build", ...options, context], { onStdoutLine: onLine, onStderrLine: onLine });
  } catch (error) {
    if (!(error instanceof RunError)) throw error;
    throw new UserError(`building ${names[0]} failed: ${saidBy(error)}`, output.text);
  }
  const id = readFileSync(idFile, "utf8").trim();
  if (before !== undefined && before !== id) await forget(before);
  return id;
}

/**
 * A folder with what Docker's rules leave of the context, as it is hashed: Buildah's own rules differ, and prefer another file. Not by
 * standard input: Buildah takes that for a Dockerfile if it cannot unpack it, and holds all of it in memory.
 */
async function copyOf({ context, dockerfile }: PublishSpec["build"], folder: string): Promise<string> {
  const copy = join(folder, "context");
  mkdirSync(copy);
  const stdin = packFiles({ folder: context, dockerfile });
  await runBound("tar", ["--extract", "--preserve-permissions", "--directory", copy, "--file", "-"], {
    stdin,
  });
  return copy;
}

/** Buildah's last word on it. */
export function saidBy({ stderr, reason }: RunError): string {
  const errors = [...stderr.matchAll(/^Error: (.*)$/gm)];
  return errors.at(-1)?.[1] ?? reason;
}

/**
 * What separates a build's commands from this host. Buildah's own default takes a program that runs containers, and rights that a
 * container in which we run ourselves often lacks.
 */
function isolation(): string[] {
  if (process.env.BUILDAH_ISOLATION) return [];
  const contained = ["/.dockerenv", "/run/.containerenv"].some((file) => existsSync(file));
  const runtime = ["crun", "runc"].some((program) => findProgram(program) !== undefined);
  return contained || !runtime ? ["--isolation", "chroot"] : [];
}

const buildah = (...args: string[]): Promise<RunResult | undefined> =>
  run("buildah", args).catch((error: unknown) => {
    if (!(error instanceof RunError)) throw error;
    return undefined;
  });

async function imageNamed(name: string): Promise<string | undefined> {
  const found = await buildah("images", "--quiet", "--no-trunc", name);
  return found?.stdout.trim().split("\n")[0] || undefined;
}

/** Only if it has lost its last name and nothing is made of it; one that a container uses stays. */
async function forget(id: string): Promise<void> {
  const found = await buildah("images", "--filter", "dangling=true", "--quiet", "--no-trunc");
  if (found?.stdout.split("\n").includes(id)) await buildah("rmi", id);
}
