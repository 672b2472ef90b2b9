import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { leaveScript } from "../../../../machine/drivers/generic/leave";
import { asUser } from "../../../../machine/drivers/generic/script";
import { localSession } from "./localSession";

let host: string;
beforeEach(() => {
  host = mkdtempSync(join(tmpdir(), "vmcluster-leave-test-"));
});
afterEach(() => rmSync(host, { recursive: true }));

/** Runs the script on a host whose Docker came with us and does not answer, and which has these folders. */
async function leave(...folders: string[]): Promise<{ said: string; apt: string }> {
  const bin = join(host, "bin");
  for (const dir of [bin, join(host, "vmcluster"), ...folders.map((one) => join(host, one))])
    mkdirSync(dir, { recursive: true });
  writeFileSync(join(host, "vmcluster/machine"), "id=1\n");
  writeFileSync(join(host, "vmcluster/packages"), "docker.io\n");
  const told = join(host, "apt");
  for (const [name, text] of [
    ["docker", "exit 1"],
    ["apt-get", `echo "$*" >>'${told}'`],
  ] as const)
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const session = localSession({ PATH: `${bin}:${process.env.PATH}` });
  const said = await asUser(session, leaveScript.replaceAll("/var/lib", host), { id: "1", images: "" });
  return { said, apt: existsSync(told) ? readFileSync(told, "utf8") : "" };
}

it("leaves a Docker that does not answer where somebody has containers or volumes in it", async () => {
  const { said, apt } = await leave("docker/containers/ab", "docker/volumes/data");
  expect(said).toBe("Docker stays: it has 1 containers and 1 volumes");
  expect(apt).toBe("");
});

it("removes one that does not answer and has nothing in it, but not its folder", async () => {
  const { said, apt } = await leave("docker/containers");
  expect(said).toBe("removed Docker, which was installed for this machine");
  expect(apt).toMatch(/ remove -y docker\.io$/m);
  expect(existsSync(join(host, "docker"))).toBe(true);
});
