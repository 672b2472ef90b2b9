import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NodeSSH } from "node-ssh";
import { keepOffHost } from "../../machine/hostLoopback";
import { assets } from "../../machine/image/recipe";
import { localSession } from "./drivers/generic/localSession";
import { useTemporaryHome } from "./temporaryHome";

const home = useTemporaryHome();
const unit = "etc/systemd/system/vmcluster-host-loopback.service";

/** A guest whose /etc is a folder of this host's, with a systemctl that writes down what it is told, and ends with the code given. */
function guest(code = 0): { session: NodeSSH; told: () => string[]; file: (name: string) => string } {
  const bin = join(home(), "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(
    join(bin, "systemctl"),
    `#!/bin/sh\necho "$*" >>'${home()}/told'\n[ "$1" != start ] || { echo no such table >&2; exit ${code}; }\n`,
  );
  chmodSync(join(bin, "systemctl"), 0o755);
  const local = localSession({ PATH: `${bin}:/usr/bin:/bin` });
  const inFolder = (text = ""): string => text.replaceAll("/etc/", `${home()}/etc/`);
  const session = {
    execCommand: (command: string, options: { stdin?: string } = {}) =>
      local.execCommand(command, { stdin: inFolder(options.stdin) }),
  } as unknown as NodeSSH;
  const told = (): string[] =>
    existsSync(join(home(), "told")) ? readFileSync(join(home(), "told"), "utf8").trimEnd().split("\n") : [];
  return { session, told, file: (name) => readFileSync(join(home(), name), "utf8") };
}

it("gives a machine of another image what the node image has, once", async () => {
  const { session, told, file } = guest();
  await keepOffHost(session, "vm1");
  expect(told()).toEqual(["daemon-reload", "start vmcluster-host-loopback.service"]);
  const rules = readFileSync(join(assets, "rootfs/etc/vmcluster/host-loopback.rules"), "utf8");
  expect(file("etc/vmcluster/host-loopback.rules")).toBe(rules);
  expect(file("etc/systemd/system/docker.service.d/vmcluster.conf")).toContain(
    "Requires=vmcluster-host-loopback",
  );
  await keepOffHost(session, "vm1");
  expect(told()).toHaveLength(2);
});

it("says what is missing, and tries again the next time", async () => {
  const { session, told } = guest(1);
  await expect(keepOffHost(session, "vm1")).rejects.toThrow(
    /^machine "vm1" cannot be kept off what listens on this host's 127\.0\.0\.1\n.*no such table\n.*systemd and iptables/,
  );
  expect(existsSync(join(home(), unit))).toBe(false);
  await expect(keepOffHost(session, "vm1")).rejects.toThrow(/cannot be kept/);
  expect(told().filter((line) => line.startsWith("start"))).toHaveLength(2);
});
