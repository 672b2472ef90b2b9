import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { useFileServer } from "../../machine/image/pull/fileServer";
import { CommandUnderTest, compile } from "../command";

jest.setTimeout(120_000);

let vmcluster: CommandUnderTest;
const server = useFileServer();
beforeAll(() => {
  delete process.env.VMCLUSTER_IMAGES;
  compile();
});
beforeEach(() => {
  vmcluster = new CommandUnderTest();
});
afterEach(() => vmcluster.clean());

/** A disk of 20 MiB, served as `debian-13.qcow2`. */
function disk(): { readonly url: string; readonly checksum: string } {
  const raw = join(vmcluster.folder, "raw");
  const bytes = randomBytes(20 * 1024 ** 2);
  bytes.writeUInt16LE(0xaa55, 510);
  writeFileSync(raw, bytes);
  execFileSync("qemu-img", ["convert", "-f", "raw", "-O", "qcow2", raw, `${raw}.qcow2`]);
  server().content = readFileSync(`${raw}.qcow2`);
  const hex = createHash("sha512").update(server().content).digest("hex");
  return { url: server().url("/debian-13.qcow2").href, checksum: `sha512:${hex}` };
}

const images = (): string[] =>
  readdirSync(join(vmcluster.home, "images")).filter((name) => !name.startsWith("."));

it("goes on after the command was killed", async () => {
  const { url, checksum } = disk();
  server().pause = 10;
  const killed = vmcluster.start(["image", "pull", url, "--checksum", checksum]);
  const ended = new Promise((resolve) => killed.on("exit", resolve));
  while (server().requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  await new Promise((resolve) => setTimeout(resolve, 700));
  killed.kill("SIGKILL");
  await ended;
  expect(images()).toEqual([]);
  server().pause = 0;
  const pulled = await vmcluster.ok("image", "pull", url, "--checksum", checksum);
  expect(pulled.stdout).toBe("debian-13\n");
  expect(pulled.stderr).toMatch(/^debian-13: going on at [\d.]+ of 20 MiB \(\d+ %\)$/m);
  expect(server().requests[1]?.headers.range).toMatch(/^bytes=[1-9]\d+-$/);
  expect(images()).toEqual([expect.stringMatching(/^cloud-/)]);
});

it("pulls by a file of checksums, lists what was pulled, and removes it", async () => {
  const { url, checksum } = disk();
  const sums = join(vmcluster.folder, "SHA512SUMS");
  writeFileSync(sums, `${checksum.slice(7)}  debian-13.qcow2\n`);
  await vmcluster.ok("image", "pull", url, "--checksums", sums, "--name", "debian");
  expect(JSON.parse((await vmcluster.ok("image", "ls", "--format", "json")).stdout)).toMatchObject([
    { kind: "pulled", name: "debian", source: url, checksum, machines: [] },
  ]);
  expect((await vmcluster.ok("image", "ls")).stdout).toMatch(/^debian +[0-9a-f]{16} +pulled /m);
  const found = await vmcluster.run(["image", "ensure"], { input: '{"image":"debian"}' });
  expect(found.stdout).toMatch(/^\{"image":"[0-9a-f]{16}"\}\n$/);
  expect((await vmcluster.ok("image", "prune")).stdout).toBe("0 MiB freed\n");
  expect((await vmcluster.ok("image", "rm", "debian")).stdout).toMatch(
    /^removed image debian .* \(20 MiB\)$/m,
  );
  expect((await vmcluster.ok("image", "ls")).stdout).toBe("(none)\n");
});

it.each([
  [[], /there is no checksum for debian-13\.qcow2[\s\S]*--checksum sha256:.*--unchecked/],
  [["--checksum", "sha256:12"], /checksum: "sha256:12"\n {2}must be sha256: and 64/],
  [["--checksum", `sha256:${"0".repeat(64)}`, "--unchecked"], /only one of them/],
  [["--checksums", "/nowhere/SHA256SUMS"], /checksums: "\/nowhere\/SHA256SUMS"\n {2}there is no such file/],
  [["--unchecked", "--name", "Not This"], /name: "Not This"\n {2}must be 1 to 60 lower-case/],
])("refuses %j before it asks the server", async (flags, reason) => {
  const { url } = disk();
  const refused = await vmcluster.run(["image", "pull", url, ...flags]);
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toMatch(reason);
  expect(refused.stderr).not.toMatch(/\n\s+at /);
  expect(server().requests).toEqual([]);
});
