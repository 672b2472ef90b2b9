/** A port of this host's loopback interface that leads to one of another machine's, over SSH. */
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { UserError } from "../../../host/userError";
import type { Daemon } from "../../../providers/docker/settings";
import { DialError, forwardSsh } from "../../../providers/docker/sshDial";

/**
 * Runs `action` with the address of such a port, which is closed after it.
 *
 * @param target host and port, as the other machine knows them
 * @throws UserError that `action` throws, with what ssh said on the way
 */
export async function withTunnel<T>(
  daemon: Extract<Daemon, { kind: "ssh" }>,
  target: string,
  action: (address: string) => Promise<T>,
): Promise<T> {
  const open = new Set<Duplex>();
  let said: string | undefined;
  const server = createServer({ allowHalfOpen: true }, async (socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    // What is behind it may have no login.
    if (!(await isOwn(socket).catch(() => false))) return void socket.destroy();
    const stream = forwardSsh(daemon, target);
    open.add(stream);
    stream.on("error", (error) => {
      if (error instanceof DialError && error.said !== "") said = error.said;
      socket.end();
    });
    socket.on("close", () => stream.destroy());
    socket.pipe(stream).pipe(socket);
  });
  const address = await listening(server);
  try {
    return await action(address);
  } catch (error) {
    if (said === undefined || !(error instanceof UserError)) throw error;
    throw new UserError(error.what, error.why, `on the way over ${daemon.host}, ssh said: ${said}`);
  } finally {
    server.close();
    for (const stream of open) stream.destroy();
  }
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Whether this user's process is at the other end: on loopback anybody of this host could be. Specified by proc_net_tcp(5) of Linux. */
async function isOwn({ localPort, remotePort }: Socket): Promise<boolean> {
  const port = (number: number | undefined): string =>
    `:${(number ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = (await readFile("/proc/net/tcp", "utf8")).split("\n").map((row) => row.trim().split(/\s+/));
  const theirs = rows.find(
    ([, local, remote]) => local?.endsWith(port(remotePort)) && remote?.endsWith(port(localPort)),
  );
  return theirs?.[7] === String(process.getuid?.());
}
