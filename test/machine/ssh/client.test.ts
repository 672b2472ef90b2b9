import { execFileSync } from "node:child_process";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { machineFiles } from "../../../machine/paths";
import { sshClientFiles, writeSshClient } from "../../../machine/ssh/client";
import { writeSshConfig } from "../../../machine/ssh/config";
import { record, useTemporaryHome } from "../temporaryHome";

const home = useTemporaryHome();

function understood(...args: string[]): Map<string, string> {
  const lines = execFileSync(sshClientFiles().program, ["-G", ...args], { encoding: "utf8" })
    .trim()
    .split("\n");
  return new Map(lines.map((line) => [line.split(" ")[0] ?? "", line.slice(line.indexOf(" ") + 1)]));
}

it.each(["plain", "with blanks, 100% and [brackets]*", "it's"])(
  "makes an ssh that knows the machines of a home that is %s",
  (name) => {
    process.env.VMCLUSTER_HOME = join(home(), name);
    writeSshClient();
    // After: machines that are made later are known too.
    const files = machineFiles("vm1");
    mkdirSync(files.dir, { recursive: true });
    writeSshConfig(record(), files);
    // As docker calls it for ssh://root@127.9.8.7:2222.
    const docker = understood("-T", "-l", "root", "-p", "2222", "--", "127.9.8.7");
    for (const read of [docker, understood("vm1")]) {
      expect(read.get("hostname")).toBe("127.9.8.7");
      expect(read.get("port")).toBe("2222");
      expect(read.get("hostkeyalias")).toBe("vm1");
      expect(read.get("stricthostkeychecking")).toBe("true");
    }
    expect(understood("elsewhere").get("hostkeyalias")).toBeUndefined();
  },
);

it("gives machines nothing of what the user's own configuration says of all hosts, and other hosts all of it", () => {
  // OpenSSH goes by the user's entry in the password file: the system's configuration stands for the user's here.
  const own = join(home(), "user_config");
  writeFileSync(own, "Host *\n  RemoteForward 9999 127.0.0.1:9999\n  SendEnv SECRET\n");
  const { folder } = writeSshClient();
  const real = join(home(), "real");
  mkdirSync(real);
  // The system's ssh with that configuration, unless another one is named.
  writeFileSync(
    join(real, "ssh"),
    `#!/bin/sh\n[ "$1" = -F ] || set -- -F ${own} "$@"\nexec /usr/bin/ssh "$@"\n`,
    {
      mode: 0o755,
    },
  );
  const path = process.env.PATH;
  process.env.PATH = `${folder}:${real}:${path}`;
  try {
    writeSshClient();
    const files = machineFiles("vm1");
    mkdirSync(files.dir, { recursive: true });
    writeSshConfig(record(), files);
    expect(understood("vm1").get("remoteforward")).toBeUndefined();
    expect(understood("vm1").get("sendenv")).toBeUndefined();
    expect(understood("elsewhere").get("remoteforward")).toContain("9999");
    expect(understood("elsewhere").get("sendenv")).toContain("SECRET");
  } finally {
    process.env.PATH = path;
  }
});

it("does not take itself for the system's ssh when it is first on PATH", () => {
  const { folder, program } = writeSshClient();
  const path = process.env.PATH;
  process.env.PATH = `${folder}:${path}`;
  try {
    writeSshClient();
    expect(execFileSync("sh", ["-c", `tail -1 ${program}`], { encoding: "utf8" })).not.toContain(
      `exec ${program}`,
    );
    expect(understood("elsewhere").get("hostname")).toBe("elsewhere");
    expect(statSync(program).mode & 0o111).not.toBe(0);
  } finally {
    process.env.PATH = path;
  }
});
