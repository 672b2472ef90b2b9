import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { packContext } from "../../../providers/docker/buildContext";
import { contextDigest } from "../../../providers/docker/contextDigest";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vmcluster-context-"));
  await mkdir(join(folder, "app/sub"), { recursive: true });
  await Promise.all(
    Object.entries({
      "app/Dockerfile": "FROM scratch\n",
      "app/.dockerignore": "**/*.tmp\nsub/*\n!sub/kept\nDockerfile\n",
      "app/a": "a",
      "app/a.tmp": "x",
      "app/empty": "",
      "app/sub/kept": "kept",
      "app/sub/dropped": "dropped",
      "Other.Dockerfile": "FROM scratch\nENV A=1\n",
    }).map(([path, text]) => writeFile(join(folder, path), text)),
  );
  await symlink("a", join(folder, "app/link"));
});
afterEach(() => rm(folder, { recursive: true }));

async function packed(dockerfile: string): Promise<{ dockerfile: string; entries: Header[] }> {
  const packed = await packContext({ folder: join(folder, "app"), dockerfile: join(folder, dockerfile) });
  const entries: Header[] = [];
  const reader = packed.archive.pipe(createGunzip()).pipe(extract());
  for await (const entry of reader) {
    entries.push(entry.header);
    entry.resume();
  }
  return { dockerfile: packed.dockerfile, entries };
}

it("sends what .dockerignore leaves, and always the Dockerfile", async () => {
  const { dockerfile, entries } = await packed("app/Dockerfile");
  expect(dockerfile).toBe("Dockerfile");
  expect(entries.map(({ name }) => name)).toEqual([
    ".dockerignore",
    "Dockerfile",
    "a",
    "empty",
    "link",
    "sub/",
    "sub/kept",
  ]);
  expect(entries.every(({ uid, gid }) => uid === 0 && gid === 0)).toBe(true);
  expect(entries.find(({ name }) => name === "link")).toMatchObject({ type: "symlink", linkname: "a" });
});

it("adds a Dockerfile from elsewhere", async () => {
  const { dockerfile, entries } = await packed("Other.Dockerfile");
  expect(dockerfile).toMatch(/^\.dockerfile\.[0-9a-f]{20}$/);
  expect(entries.at(-1)?.name).toBe(dockerfile);
});

it("says which file is missing", async () => {
  await expect(packed("None")).rejects.toThrow(/the Dockerfile .*None cannot be read/);
  await expect(packContext({ folder: join(folder, "none"), dockerfile: "x" })).rejects.toThrow(
    /is no folder/,
  );
});

describe("the digest of a context", () => {
  const digest = (): Promise<string> =>
    contextDigest({ folder: join(folder, "app"), dockerfile: join(folder, "app/Dockerfile") });

  it.each<[string, () => Promise<unknown>, boolean]>([
    ["content", () => writeFile(join(folder, "app/a"), "other"), true],
    ["a new file", () => writeFile(join(folder, "app/b"), ""), true],
    ["an ignored file", () => writeFile(join(folder, "app/b.tmp"), ""), false],
    ["a file outside", () => writeFile(join(folder, "b"), ""), false],
  ])("%s", async (_name, change, changes) => {
    const before = await digest();
    await change();
    expect((await digest()) !== before).toBe(changes);
  });
});
