import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { NodeSSH } from "node-ssh";
import type { MachineRecord } from "../store";
import { type Login, loginOf } from "./login";

/** Where to log in. */
export interface SshTarget extends Login {
  /** The only host key that is accepted, `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
}

export const sshTarget = (machine: MachineRecord): SshTarget => ({
  ...loginOf(machine),
  hostKey: machine.hostKey,
});

/** The key itself in the text of a public key file. */
export const keyBytes = (publicKey: string): Buffer => Buffer.from(publicKey.split(" ")[1] ?? "", "base64");

/**
 * Connects and waits for the first bytes of the server. QEMU's forwarding accepts a connection whatever the guest does,
 * so only what sshd says shows that it runs. Undefined if it says nothing in time.
 */
export function greetedSocket(
  address: string,
  port: number,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    const give = (value: Socket | undefined): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      socket.removeAllListeners();
      if (value === undefined) socket.destroy();
      resolve(value);
    };
    const stop = (): void => give(undefined);
    signal?.addEventListener("abort", stop, { once: true });
    const timer = setTimeout(stop, timeoutMs);
    socket.on("error", () => give(undefined));
    socket.on("close", () => give(undefined));
    socket.once("readable", () => {
      const first: Buffer | null = socket.read();
      if (first === null) return give(undefined);
      socket.unshift(first);
      give(socket);
    });
  });
}

/** Whether sshd answers now. */
export async function answersSsh(
  target: Pick<Login, "address" | "port">,
  timeoutMs: number,
): Promise<boolean> {
  const socket = await greetedSocket(target.address, target.port, timeoutMs);
  socket?.destroy();
  return socket !== undefined;
}

/**
 * How long sshd may take to greet after a machine has been waited for so long. A slow machine needs longer, and each connection
 * given up too early costs it another process; a patience as long at first would be wasted on forwards to guests that still boot.
 */
const patienceMs = (waitedMs: number): number => Math.min(60_000, Math.max(3000, waitedMs / 6));

/**
 * Logs in, trying until `signal` aborts: the machine may still be booting. The host key must be the pinned one.
 * The caller disposes of the session.
 */
export async function openSession(target: SshTarget, signal: AbortSignal): Promise<NodeSSH> {
  const pinned = keyBytes(target.hostKey);
  const privateKey = readFileSync(target.identity, "utf8");
  const began = Date.now();
  let last: unknown;
  while (!signal.aborted) {
    const socket = await greetedSocket(target.address, target.port, patienceMs(Date.now() - began), signal);
    if (socket !== undefined) {
      const session = new NodeSSH();
      // A guest that hangs in the middle of the login.
      const stop = (): void => void socket.destroy(new Error("it did not let us in in time"));
      signal.addEventListener("abort", stop, { once: true });
      try {
        await session.connect({
          sock: socket,
          username: target.user,
          privateKey,
          hostVerifier: (key: Buffer) => key.equals(pinned),
          readyTimeout: 120_000,
          keepaliveInterval: 30_000,
          // The cheapest that is safe: each handshake is paid for by an emulated CPU.
          algorithms: { kex: ["curve25519-sha256"], serverHostKey: ["ssh-ed25519"] },
        });
        return session;
      } catch (error) {
        last = error;
        session.dispose();
        socket.destroy();
      } finally {
        signal.removeEventListener("abort", stop);
      }
    }
    await delay(300, undefined, { signal }).catch(() => undefined);
  }
  throw new Error(`no SSH login at ${target.address}:${target.port}`, { cause: last });
}
