import { type Host, installCommand, missingPrograms, searchPath } from "../../cli/systemPackages";

const host = (present: readonly string[], more: Partial<Host> = {}): Host => ({
  root: false,
  has: (file) => present.includes(file),
  offers: () => false,
  ...more,
});

const packages = (made: Host): string[] => missingPrograms(["machines"], made).map(({ apt }) => apt);

it("asks for what building without root takes only where it is not root", () => {
  expect(packages(host([]))).toEqual(expect.arrayContaining(["uidmap", "fakeroot"]));
  expect(packages(host([], { root: true }))).not.toContain("uidmap");
});

it("leaves out what is there, and what only tests need", () => {
  const names = packages(host(["qemu-img"]));
  expect(names).toContain("qemu-system-x86");
  expect(names).not.toContain("qemu-utils");
  expect(names).not.toContain("chromium");
  expect(missingPrograms(["tests"], host([])).map(({ file }) => file)).toContain("chromium");
});

it("asks for Docker's client by the name that the release has for it", () => {
  const client = (offers: (name: string) => boolean): string | undefined =>
    missingPrograms(["tests"], host(["dockerd"], { offers })).find(({ file }) => file === "docker")?.apt;
  expect(client(() => false)).toBe("docker.io");
  expect(client((name) => name === "docker-cli")).toBe("docker-cli");
});

it("gives one command with each package once, for root and for others, and none without apt", () => {
  const apt = host(["apt-get"]);
  const missing = missingPrograms(["machines"], apt);
  const command = installCommand(missing, apt) as string;
  expect(command).toMatch(/^sudo apt-get install -y --no-install-recommends /);
  expect(command.match(/openssh-client/g)).toHaveLength(1);
  expect(installCommand(missing, host(["apt-get"], { root: true }))).toMatch(/^apt-get install/);
  expect(installCommand(missing, host([]))).toBeUndefined();
});

it("looks in the folders for administration though they are not on a user's PATH", () => {
  expect(searchPath("/usr/bin:/bin")).toBe("/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin");
  expect(searchPath("/usr/sbin")).toBe("/usr/sbin:/usr/local/sbin:/sbin");
});
