/** Which ports of this host can be forwarded. Only binding a port tells for sure. */
import { createServer } from "node:net";
import { UserError } from "../host/userError";

export type PortState = "free" | "in use" | "not allowed";

/** Tries to listen on a port of a local address, and stops at once. */
export function portState(address: string, port: number): Promise<PortState> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve("in use");
      else if (error.code === "EACCES") resolve("not allowed");
      else reject(error);
    });
    server.listen({ host: address, port, exclusive: true }, () => server.close(() => resolve("free")));
  });
}

/** The ports of an address that cannot be forwarded, with the reason. */
export async function blockedPorts(
  address: string,
  ports: readonly number[],
): Promise<Map<number, PortState>> {
  const states = await Promise.all(
    ports.map(async (port) => [port, await portState(address, port)] as const),
  );
  return new Map(states.filter(([, state]) => state !== "free"));
}

/** Says which ports are in the way and what to do. */
export function portError(
  subject: string,
  address: string,
  blocked: ReadonlyMap<number, PortState>,
): UserError {
  const used = [...blocked].filter(([, state]) => state === "in use").map(([port]) => port);
  const port = used[0];
  if (port !== undefined) {
    return new UserError(
      `${subject}port ${used.join(", ")} is already in use on this host`,
      `it is to be forwarded from ${address}, and another program listens there or on all addresses`,
      `end that program (ss -ltnp 'sport = :${port}' shows it) or choose another port`,
    );
  }
  const [low = 0] = blocked.keys();
  return new UserError(
    `${subject}port ${low} cannot be forwarded without root`,
    "ports below 1024 are reserved",
    "choose a port of at least 1024, or lower sysctl net.ipv4.ip_unprivileged_port_start",
  );
}

/**
 * The first address on which all the ports are free.
 *
 * @throws UserError if there is none, naming the ports: then something listens on all addresses
 */
export async function freeAddress(
  candidates: Iterable<string>,
  ports: readonly number[],
  subject = "",
): Promise<string> {
  let last: { address: string; blocked: ReadonlyMap<number, PortState> } | undefined;
  for (const address of candidates) {
    const blocked = await blockedPorts(address, ports);
    if (blocked.size === 0) return address;
    last = { address, blocked };
  }
  throw portError(subject, last?.address ?? "127.0.0.1", last?.blocked ?? new Map());
}
