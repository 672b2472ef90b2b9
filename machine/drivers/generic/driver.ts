import { rmSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { NodeSSH } from "node-ssh";
import { requireTools } from "../../../host/tools";
import { UserError } from "../../../host/userError";
import type { Driver, MachineState } from "../../driver";
import { GuestError, waitForDocker } from "../../guest";
import { machineFiles } from "../../paths";
import { type Progress, waiting } from "../../progress";
import { closeConnection } from "../../ssh/config";
import { answersSsh, sshTarget } from "../../ssh/session";
import { type MachineRecord, readMachine } from "../../store";
import { unlockSwarm } from "../../swarm/unlock";
import { leaveHost } from "./leave";
import { knownHostMs, logIn } from "./login";
import { asRoot } from "./script";
import { lookAtHost } from "./survey";

/** How long a host may take to greet until it counts as unreachable. */
const greetingMs = 3000;
const rebootMs = 60_000 * (Number(process.env.VMCLUSTER_BOOT_MINUTES) || 15);
const dockerMs = 120_000;

/** Hosts that were there before and stay: what is done to make them machines is in apply.ts. */
export class GenericDriver implements Driver {
  constructor(private readonly progress: Progress) {}

  async preflight(): Promise<void> {
    requireTools("the generic driver", ["ssh", "flock"]);
  }

  private async logIn(machine: MachineRecord): Promise<NodeSSH> {
    const { session } = await logIn(machine.spec.name, sshTarget(machine), {
      pinned: machine.hostKey,
      patienceMs: knownHostMs,
      progress: this.progress,
    });
    return session;
  }

  /** Nothing here can switch it on; what it needs to be a machine again after it was, its Docker, is waited for. */
  async start(machine: MachineRecord): Promise<void> {
    const session = await this.logIn(machine);
    try {
      await waiting("waiting for Docker", this.progress, waitForDocker(session, dockerMs));
      await unlockSwarm(machine, session, this.progress);
    } finally {
      session.dispose();
    }
  }

  async stop(name: string): Promise<void> {
    throw new UserError(
      `machine "${name}" is an existing host, which is not stopped from here`,
      "nothing here could start it again",
      `machine restart ${name} reboots it; machine ssh ${name} -- sudo poweroff if you mean it`,
    );
  }

  async restart(machine: MachineRecord): Promise<void> {
    const { name } = machine.spec;
    const session = await this.logIn(machine);
    const { boot } = await lookAtHost(session);
    // The answer may be lost with the connection.
    await asRoot(session, machine.host?.sshUser ?? "root", "systemctl reboot --no-wall --no-block").catch(
      () => undefined,
    );
    session.dispose();
    await closeConnection(name, machineFiles(name));
    const again = await waiting("rebooting", this.progress, this.afterReboot(machine, boot));
    try {
      await waiting("waiting for Docker", this.progress, waitForDocker(again, dockerMs));
      await unlockSwarm(machine, again, this.progress);
    } finally {
      again.dispose();
    }
  }

  private async afterReboot(machine: MachineRecord, boot: string): Promise<NodeSSH> {
    const { name } = machine.spec;
    const end = Date.now() + rebootMs;
    while (Date.now() < end) {
      await delay(2000);
      if (!(await answersSsh(sshTarget(machine), greetingMs))) continue;
      const session = await logIn(name, sshTarget(machine), {
        pinned: machine.hostKey,
        patienceMs: knownHostMs,
        progress: () => undefined,
      }).catch(() => undefined);
      if (session === undefined) continue;
      const view = await lookAtHost(session.session).catch(() => undefined);
      if (view !== undefined && view.boot !== boot) return session.session;
      session.session.dispose();
    }
    throw new UserError(`machine "${name}" does not answer ${rebootMs / 60_000} minutes after its reboot`);
  }

  async remove(name: string, force = false): Promise<void> {
    const machine = readMachine(name);
    const files = machineFiles(name);
    if (machine?.host !== undefined) await this.leave(machine, force);
    if (files.sockets !== files.dir) rmSync(files.sockets, { recursive: true, force: true });
  }

  private async leave(machine: MachineRecord, force: boolean): Promise<void> {
    const { name } = machine.spec;
    let session: NodeSSH | undefined;
    try {
      session = await this.logIn(machine);
      await waiting(
        "undoing what was done to the host",
        this.progress,
        leaveHost(session, machine, this.progress),
      );
    } catch (error) {
      if (!(error instanceof UserError) && !(error instanceof GuestError)) throw error;
      if (!force) {
        const why =
          error instanceof UserError ? error.why : error.output.trim().split("\n").slice(-3).join("\n  ");
        throw new UserError(
          error instanceof UserError
            ? error.what
            : `machine "${name}": what was done to its host could not be undone`,
          why,
          `mend that and try again; or forget the machine and leave the host as it is: vmcluster machine rm -f ${name}`,
        );
      }
      this.progress(`the host stays as it is, only the record is removed: ${error.message.split("\n")[0]}`);
    } finally {
      session?.dispose();
    }
  }

  async state(name: string): Promise<MachineState> {
    const machine = readMachine(name);
    if (machine?.host === undefined) return "absent";
    return (await answersSsh(sshTarget(machine), greetingMs)) ? "running" : "unreachable";
  }

  async trouble(name: string): Promise<string | undefined> {
    const machine = readMachine(name);
    if (machine === undefined || (await this.state(name)) !== "unreachable") return undefined;
    return `nothing greets at ${machine.network.address}, port ${machine.network.sshPort}`;
  }

  async hardware(): Promise<undefined> {
    return undefined;
  }
}
