import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { run } from "../../host/run";
import type { DockerDaemon } from "./dockerDaemon";

/** A way by SSH into the network of a test's daemon, as there is one to a manager: nothing else of this host reaches its ports. */
export class SshIntoDaemon {
  private constructor(
    private readonly folder: string,
    /** For a docker provider, and for `docker` of a registry. */
    readonly docker: { readonly host: string; readonly sshOpts: string[] },
  ) {}

  static async open(daemon: DockerDaemon): Promise<SshIntoDaemon> {
    const folder = await mkdtemp(join(tmpdir(), "vmcluster-sshinto-"));
    const file = (name: string): string => join(folder, name);
    for (const key of ["host", "user"])
      await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file(key)]);
    await mkdir("/run/sshd", { recursive: true });
    await writeFile(
      file("sshd_config"),
      `HostKey ${file("host")}
AuthorizedKeysFile ${file("user.pub")}
StrictModes no
UsePAM no
PasswordAuthentication no
`,
    );
    // A server for each connection, in the daemon's namespace.
    await writeFile(
      file("ssh_config"),
      `Host daemon
  User ${userInfo().username}
  IdentityFile ${file("user")}
  IdentitiesOnly yes
  StrictHostKeyChecking no
  UserKnownHostsFile ${file("known_hosts")}
  LogLevel ERROR
  ProxyCommand nsenter --net=/proc/${daemon.pid}/ns/net /usr/sbin/sshd -i -f ${file("sshd_config")} -E ${file("log")}
`,
    );
    return new SshIntoDaemon(folder, {
      host: `ssh://daemon${daemon.socket}`,
      sshOpts: ["-F", file("ssh_config")],
    });
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}
