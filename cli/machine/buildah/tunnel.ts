/** A port of this host's loopback interface that leads to one of another machine's, over SSH. */
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer, isIPv4, type Server, type Socket } from "node:net";
import { endianness } from "node:os";
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
    const table = await readFile("/proc/net/tcp", "utf8").catch(() => "");
    if (!isOwn(table, socket)) return void socket.destroy();
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

/** An address and port as /proc/net/tcp writes them: the address as a number of this machine's byte order. */
function inTable(address: string, port: number): string {
  const bytes = Buffer.from(address.split(".").map(Number));
  const number = endianness() === "LE" ? bytes.readUInt32LE() : bytes.readUInt32BE();
  const hex = (value: number, digits: number): string =>
    value.toString(16).toUpperCase().padStart(digits, "0");
  return `${hex(number, 8)}:${hex(port, 4)}`;
}

/**
 * Whether this user's process is at the other end: on loopback anybody of this host could be. Specified by proc_net_tcp(5) of Linux. Both ends with
 * their addresses are looked for: who connects from 127.0.0.2 may choose the port that another connection has on 127.0.0.1. A connection that no process has any more is the table's root's (inode 0).
 */
export function isOwn(
  table: string,
  { localAddress = "", localPort = 0, remoteAddress = "", remotePort = 0 }: Partial<Socket>,
): boolean {
  if (!isIPv4(localAddress) || !isIPv4(remoteAddress)) return false;
  const theirs = inTable(remoteAddress, remotePort);
  const ours = inTable(localAddress, localPort);
  const rows = table.split("\n").map((row) => row.trim().split(/\s+/));
  const found = rows.filter(([, local, remote]) => local === theirs && remote === ours);
  return found.length === 1 && found.every((row) => row[7] === String(process.getuid?.()) && row[9] !== "0");
}
