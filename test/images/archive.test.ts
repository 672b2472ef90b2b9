import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../host/run";
import { writeArchive } from "../../images/archive";
import { type ImageDefinition, imageDefinitions, serviceImageNames } from "../../images/definitions";
import { imageHash, imageRef, serviceImageRefs } from "../../images/refs";
import { unpackArchive } from "./builtImages";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vmcluster-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const definition: ImageDefinition = {
  title: "A test",
  layers: [],
  entrypoint: ["/bin/server", "--port", "80"],
  env: { MODE: "a=b c" },
  port: 80,
  volumes: ["/data"],
  healthCheck: { test: ["CMD", "/bin/ask"], interval: 60, timeout: 1, startPeriod: 0.5, retries: 4 },
};

/** A layer with two files, made in the order and with the times and modes given. */
function layer(name: string, files: readonly string[], seconds: number, mode: number): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  for (const file of files) {
    writeFileSync(join(path, file), `content of ${file}`);
    chmodSync(join(path, file), mode);
    utimesSync(join(path, file), seconds, seconds);
  }
  return path;
}

const sha256 = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");

async function pack(name: string, layers: readonly string[]): Promise<string> {
  const file = join(folder, `${name}.tar`);
  await writeArchive(definition, "vmcluster.internal/test:1", layers, join(folder, `${name}-work`), file);
  return file;
}

it("is what docker load reads: manifest, configuration, layers, each named by its digest", async () => {
  const layers = [layer("low", ["a"], 1, 0o644), layer("high", ["b"], 1, 0o755)];
  const {
    folder: content,
    manifest,
    config,
  } = await unpackArchive(await pack("x", layers), join(folder, "u"));
  expect(manifest.RepoTags).toEqual(["vmcluster.internal/test:1"]);
  expect(manifest.Config).toBe(`${sha256(join(content, manifest.Config))}.json`);
  expect(manifest.Layers).toHaveLength(2);
  for (const name of manifest.Layers) expect(name).toBe(`${sha256(join(content, name))}.tar`);
  expect(config.rootfs).toEqual({
    type: "layers",
    diff_ids: manifest.Layers.map((name) => `sha256:${name.replace(".tar", "")}`),
  });
  expect(config.history).toHaveLength(2);
  expect({ os: config.os, ...config.config }).toMatchObject({
    os: "linux",
    Env: ["PATH=/usr/bin", "MODE=a=b c"],
    Entrypoint: definition.entrypoint,
    ExposedPorts: { "80/tcp": {} },
    Volumes: { "/data": {} },
    Healthcheck: { Test: ["CMD", "/bin/ask"], Interval: 60e9, Timeout: 1e9, StartPeriod: 5e8, Retries: 4 },
  });
  const low = await run("tar", ["-tvf", join(content, manifest.Layers[0] as string)]);
  expect(low.stdout).toMatch(/^-rw-r--r-- 0\/0 +12 1970-01-01 00:00 \.\/a$/m);
});

it("has the same bytes whenever, in whatever order and with whatever umask the files were made", async () => {
  const one = await pack("one", [layer("first", ["a", "b"], 1_000, 0o600)]);
  const other = await pack("other", [layer("second", ["b", "a"], 2_000_000_000, 0o666)]);
  expect(sha256(other)).toBe(sha256(one));
  const executable = await pack("executable", [layer("third", ["a", "b"], 1_000, 0o700)]);
  expect(sha256(executable)).not.toBe(sha256(one));
});

it.each(["a b", "a,b", "host:b", "a;$HOME'\"b\\"])("can be written in a folder called %s", async (name) => {
  const plain = await pack("plain", [layer("files", ["a"], 1, 0o644)]);
  const odd = join(folder, name);
  mkdirSync(odd);
  await writeArchive(
    definition,
    "vmcluster.internal/test:1",
    [layer(`${name}/files`, ["a"], 1, 0o644)],
    join(odd, "work"),
    join(odd, "image.tar"),
  );
  expect(sha256(join(odd, "image.tar"))).toBe(sha256(plain));
});

describe("references", () => {
  it("name the image and a hash of what it is made of, the same in every process", async () => {
    const refs = serviceImageRefs();
    expect(Object.keys(refs)).toEqual([...serviceImageNames]);
    for (const name of serviceImageNames) {
      expect(refs[name]).toMatch(new RegExp(`^vmcluster\\.internal/${name}:[0-9a-f]{12}$`));
      expect(imageRef(name)).toBe(refs[name]);
    }
    expect(new Set(serviceImageNames.map(imageHash)).size).toBe(serviceImageNames.length);
  });

  it("change with the definition, and come back with it", () => {
    const before = serviceImageRefs();
    const { env } = imageDefinitions.web;
    const changed = imageDefinitions.web as { env: Record<string, string> };
    changed.env = { ...env, NAME: "you" };
    const during = serviceImageRefs();
    changed.env = env;
    expect(during).toEqual({ ...before, web: expect.not.stringMatching(before.web) });
    expect(serviceImageRefs()).toEqual(before);
  });
});
