import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSession } from "../../machine/ssh/session";
import { upgradeMachine } from "../../machine/upgrade";
import { localSession } from "./drivers/generic/localSession";
import { record, useTemporaryHome } from "./temporaryHome";

/** The scripts run on this host, with package managers that only write down what they are told. */
jest.mock("../../machine/ssh/session", () => ({
  ...jest.requireActual("../../machine/ssh/session"),
  openSession: jest.fn(),
}));

const home = useTemporaryHome();
const told = (): string => join(home(), "told");

/** @param installed what the package manager says is there */
function system(manager: "apt-get" | "dnf", installed: readonly string[]): void {
  const bin = join(home(), "bin");
  mkdirSync(bin);
  const program = (name: string, script: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  for (const name of ["sh", "sed", "printf"])
    symlinkSync(["/bin", "/usr/bin"].map((dir) => join(dir, name)).find(existsSync) ?? "", join(bin, name));
  program("docker", "echo 28.0.1");
  program("rpm", installed.map((name) => `echo ${name}`).join("\n"));
  program("dpkg-query", installed.map((name) => `echo 'ii  ${name}'`).join("\n"));
  program(manager, `echo "$*" >>'${told()}'`);
  jest.mocked(openSession).mockResolvedValue(localSession({ PATH: bin }));
}

const upgrade = () => upgradeMachine(record(), () => undefined);

it.each([
  ["dnf", "moby-engine", /^-y upgrade moby-engine containerd$/],
  ["apt-get", "docker.io", / install -y --only-upgrade docker\.io containerd$/],
] as const)("upgrades with %s the packages that Docker is", async (manager, engine, command) => {
  system(manager, [engine, "containerd"]);
  expect(await upgrade()).toEqual({ before: "28.0.1", after: "28.0.1" });
  expect(readFileSync(told(), "utf8").trimEnd().split("\n").at(-1)).toMatch(command);
});

it.each(["dnf", "apt-get"] as const)(
  "says so where Docker is from elsewhere, and upgrades nothing else with %s",
  async (manager) => {
    system(manager, []);
    await expect(upgrade()).rejects.toThrow(
      /"vm1": Docker was not upgraded\n {2}its Docker is from none of the packages docker\.io /,
    );
    const lines = existsSync(told()) ? readFileSync(told(), "utf8") : "";
    expect(lines).not.toMatch(/upgrade$|install/m);
  },
);
