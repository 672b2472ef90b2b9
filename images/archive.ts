/**
 * Writes the archive that `docker load` reads: `manifest.json`, one configuration, one tar file for each layer
 * (the "docker save" format, v1.2 of the Docker image specification). The same files give the same bytes.
 */
import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { run } from "../host/run";
import type { HealthCheck, ImageDefinition } from "./definitions";

/** Nothing in an archive depends on who builds it, when, or in which order the file system lists names. */
const reproducible = [
  ...["--format=gnu", "--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"],
  "--mode=u=rwX,go=rX",
  // A colon in the name of the archive is part of the name, not of a host's.
  "--force-local",
];

/** Packs `layers` (folders, lowest first) into `file`. */
export async function writeArchive(
  definition: ImageDefinition,
  ref: string,
  layers: readonly string[],
  workFolder: string,
  file: string,
): Promise<void> {
  const content = join(workFolder, "archive");
  mkdirSync(content, { recursive: true });
  const diffIds: string[] = [];
  for (const layer of layers) {
    const tar = `${layer}.tar`;
    await run("tar", ["--create", "--file", tar, ...reproducible, "--directory", layer, "."]);
    const digest = await sha256(tar);
    renameSync(tar, join(content, `${digest}.tar`));
    diffIds.push(digest);
  }
  const config = JSON.stringify(imageConfig(definition, diffIds));
  const configFile = `${createHash("sha256").update(config).digest("hex")}.json`;
  writeFileSync(join(content, configFile), config);
  const manifest = [{ Config: configFile, RepoTags: [ref], Layers: diffIds.map((id) => `${id}.tar`) }];
  writeFileSync(join(content, "manifest.json"), JSON.stringify(manifest));
  await run("tar", ["--create", "--file", file, ...reproducible, "--directory", content, "."]);
}

function imageConfig(definition: ImageDefinition, diffIds: readonly string[]): object {
  return {
    architecture: { x64: "amd64", arm64: "arm64" }[process.arch as string] ?? process.arch,
    os: "linux",
    created: "1970-01-01T00:00:00Z",
    config: {
      Env: Object.entries({ PATH: "/usr/bin", ...definition.env }).map(([name, value]) => `${name}=${value}`),
      Entrypoint: definition.entrypoint,
      WorkingDir: "/",
      ExposedPorts: { [`${definition.port}/tcp`]: {} },
      ...(definition.volumes && {
        Volumes: Object.fromEntries(definition.volumes.map((path) => [path, {}])),
      }),
      StopSignal: "SIGTERM",
      ...(definition.healthCheck && { Healthcheck: healthCheck(definition.healthCheck) }),
      Labels: { "org.opencontainers.image.title": definition.title },
    },
    rootfs: { type: "layers", diff_ids: diffIds.map((id) => `sha256:${id}`) },
    history: diffIds.map(() => ({
      created: "1970-01-01T00:00:00Z",
      created_by: "vmcluster images/build.ts",
    })),
  };
}

const nanoseconds = 1e9;

const healthCheck = ({ test, interval, timeout, startPeriod, retries }: HealthCheck): object => ({
  Test: test,
  Interval: interval * nanoseconds,
  Timeout: timeout * nanoseconds,
  StartPeriod: startPeriod * nanoseconds,
  Retries: retries,
});

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}
