import { parseChecksum } from "../../../../machine/image/pull/checksum";
import { checksumIn, fetchChecksum } from "../../../../machine/image/pull/checksumFile";
import { useFileServer } from "./fileServer";

const server = useFileServer();
const a = "a".repeat(64);
const b = "B".repeat(128);

const fedora = `-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

# Fedora-Cloud-Base-Generic-42-1.1.x86_64.qcow2: 528154624 bytes
SHA256 (Fedora-Cloud-Base-Generic-42-1.1.x86_64.qcow2) = ${a}
SHA256 (other.raw.xz) = ${"c".repeat(64)}
-----BEGIN PGP SIGNATURE-----

iQIzBAEBCAAdFiEE
-----END PGP SIGNATURE-----
`;

it.each([
  ["sha256sum", `${"0".repeat(64)}  other.img\n${a}  disk.img\n`],
  ["sha256sum -b", `${a} *disk.img\n`],
  ["a path before the name, and Windows line ends", `${a}  ./amd64/disk.img\r\n`],
  ["BSD", `SHA256 (disk.img) = ${a}\n`],
  ["MD5 beside it", `${"1".repeat(32)}  disk.img\n${a}  disk.img\n`],
])("reads the lines of %s", (_, text) => {
  expect(checksumIn(text, "disk.img", "SUMS")).toEqual({ algorithm: "sha256", hex: a });
});

it("reads Fedora's signed file", () => {
  expect(checksumIn(fedora, "Fedora-Cloud-Base-Generic-42-1.1.x86_64.qcow2", "CHECKSUM").hex).toBe(a);
});

it("takes the strongest there is", () => {
  const found = checksumIn(`${a}  disk.img\n${b}  disk.img\n`, "disk.img", "SUMS");
  expect(found).toEqual({ algorithm: "sha512", hex: b.toLowerCase() });
});

it("names the files that there are when one is not among them", () => {
  expect(() => checksumIn(`${a}  disk.img.old\n`, "disk.img", "SUMS")).toThrow(
    "SUMS: has no checksum of disk.img\n  it has: disk.img.old",
  );
  expect(() => checksumIn("<html>", "disk.img", "SUMS")).toThrow(/no lines as those of sha256sum/);
});

it("takes none that is too weak", () => {
  expect(() => checksumIn(`${"1".repeat(40)}  disk.img\n`, "disk.img", "SUMS")).toThrow(
    /neither SHA-256 nor SHA-512/,
  );
});

it("gets them from a server, and says so when it has none", async () => {
  server().content = Buffer.from(`${a}  disk.img\n`);
  const url = server().url("/SHA256SUMS").href;
  expect((await fetchChecksum(url, "disk.img")).hex).toBe(a);
  server().statuses.push(404);
  await expect(fetchChecksum(url, "disk.img")).rejects.toThrow(/SHA256SUMS cannot be had\n {2}.*404/);
  await expect(fetchChecksum("/nowhere/SUMS", "disk.img")).rejects.toThrow(
    'checksums: "/nowhere/SUMS"\n  there is no such file',
  );
});

it.each(["", "sha256:", `sha256:${b}`, `sha512:${a}`, "md5:0123", a, `sha256:${"g".repeat(64)}`])(
  "refuses the checksum %j",
  (text) => {
    expect(() => parseChecksum(text)).toThrow(/must be sha256: and 64, or sha512: and 128 hexadecimal/);
  },
);

it("minds no capitals", () => {
  expect(parseChecksum(`SHA512:${b}`)).toEqual({ algorithm: "sha512", hex: b.toLowerCase() });
});
