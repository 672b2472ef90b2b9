import { type Host, installCommand, missingPrograms, searchPath } from "../../cli/systemPackages";

const host = (present: readonly string[], more: Partial<Host> = {}): Host => ({
  platform: "linux",
  arch: "x64",
  root: false,
  has: (file) => present.includes(file),
  ...more,
});

const packages = (made: Host): (string | undefined)[] =>
  missingPrograms(["machines"], made).map((item) => item.package);

it("names the emulator of the host's own architecture", () => {
  expect(packages(host([]))).toContain("qemu-system-x86");
  expect(packages(host([]))).not.toContain("qemu-system-arm");
  expect(packages(host([], { arch: "arm64" }))).toContain("qemu-system-arm");
  expect(packages(host([], { arch: "arm64" }))).not.toContain("qemu-system-x86");
});

it("asks for user namespaces' tools only where it is not root", () => {
  expect(packages(host([]))).toContain("uidmap");
  expect(packages(host([], { root: true }))).not.toContain("uidmap");
});

it("leaves out what is there, and what only tests need", () => {
  const names = packages(host(["qemu-img"]));
  expect(names).not.toContain("qemu-utils");
  expect(names).not.toContain("chromium");
  expect(missingPrograms(["tests"], host([])).map(({ file }) => file)).toContain("chromium");
});

it("gives one command with each package once, for root and for others", () => {
  const missing = missingPrograms(["machines"], host(["apt-get"]));
  const command = installCommand(missing, host(["apt-get"])) as string;
  expect(command).toMatch(/^sudo apt-get install -y --no-install-recommends /);
  expect(command.match(/openssh-client/g)).toHaveLength(1);
  expect(installCommand(missing, host(["apt-get"], { root: true }))).toMatch(/^apt-get install/);
});

it("speaks Homebrew on macOS and knows no command elsewhere", () => {
  const mac = host(["brew"], { platform: "darwin" });
  expect(installCommand(missingPrograms(["machines"], mac), mac)).toBe("brew install qemu e2fsprogs xorriso");
  expect(installCommand(missingPrograms(["machines"], host([])), host([]))).toBeUndefined();
});

it("looks in the folders for administration though they are not on a user's PATH", () => {
  expect(searchPath("/usr/bin:/bin")).toEqual(["/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin", "/sbin"]);
  expect(searchPath("/usr/sbin")).toEqual(["/usr/sbin", "/usr/local/sbin", "/sbin"]);
});
