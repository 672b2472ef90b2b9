import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { isOwn, withTunnel } from "../../../../cli/machine/buildah/tunnel";
import { run } from "../../../../host/run";
import { daemonOf } from "../../../../providers/docker/settings";
import { SshServer } from "../../../providers/sshServer";

jest.setTimeout(60_000);

let ssh: SshServer;
/** Says a word to who connects, then what it was told. */
const echo = createServer({ allowHalfOpen: true }, (socket) => {
  socket.write("hello ");
  socket.on("error", () => undefined);
  socket.pipe(socket);
});
beforeAll(async () => {
  ssh = await SshServer.start();
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  await ssh.remove();
  echo.close();
});

async function said(address: string, ...as: string[]): Promise<string> {
  const [host = "", port = ""] = address.split(":");
  const [program = "", ...args] = [...as, "/bin/busybox", "nc", host, port];
  return (await run(program, args, { stdin: "you" }).catch((error: { stdout: string }) => error)).stdout;
}

/** Connects as another user from 127.0.0.2 and the port that a connection of ours has on 127.0.0.1, and prints what it is told, or why not. */
const fromTheSamePort = `
const [port, localPort] = process.argv.slice(1).map(Number);
const socket = require("net").connect({ port, host: "127.0.0.1", localAddress: "127.0.0.2", localPort });
socket.on("data", (data) => process.stdout.write(data));
socket.on("error", (error) => process.stdout.write(String(error)));
`;

it("lets nobody else in who connects from the port of a connection of ours", async () => {
  if (process.getuid?.() !== 0) throw new Error("this test becomes another user: run it as root");
  const daemon = daemonOf({ host: "ssh://machine", sshOpts: ["-F", ssh.sshConfig] });
  if (daemon?.kind !== "ssh") throw new Error("no address");
  const target = `127.0.0.1:${(echo.address() as AddressInfo).port}`;
  await withTunnel(daemon, target, async (address) => {
    const port = Number(address.split(":")[1]);
    const own = connect(port, "127.0.0.1");
    try {
      const [first] = (await once(own, "data")) as [Buffer];
      expect(first.toString()).toBe("hello ");
      const other = ["--reuid", "65534", "--clear-groups", process.execPath, "-e", fromTheSamePort];
      const { stdout } = await run("setpriv", [...other, String(port), String(own.localPort)]);
      // Destroyed without a word, in one way or the other.
      expect(stdout).toMatch(/^(Error: read ECONNRESET)?$/);
    } finally {
      own.destroy();
    }
  });
});

describe("whose connection it is", () => {
  const uid = process.getuid?.() ?? 0;
  const row = (local: string, remote: string, inode = "4711", user = uid): string =>
    `   0: ${local} ${remote} 01 00000000:00000000 00:00000000 00000000  ${user}        0 ${inode} 1 0 20 4 30 10 -1`;
  const socket = {
    localAddress: "127.0.0.1",
    localPort: 4660,
    remoteAddress: "127.0.0.1",
    remotePort: 22136,
  };
  const [server, client, elsewhere] = ["0100007F:1234", "0100007F:5678", "0200007F:5678"];

  it.each<[string, boolean, string[]]>([
    ["ours", true, [row(client, server), row(server, client)]],
    ["another user's", false, [row(client, server, "4711", uid + 1)]],
    ["from the same port of another address", false, [row(elsewhere, server), row(server, client)]],
    ["to the same port of another address", false, [row(client, "0200007F:1234")]],
    ["one that has ended, whose socket is nobody's", false, [row(client, server, "0")]],
    ["not in the table", false, []],
  ])("is %s: %s", (_, own, rows) => {
    expect(isOwn(["  sl  local_address", ...rows, ""].join("\n"), socket)).toBe(own);
  });
});

it("lets this user alone through to the other machine's port, for as long as it is asked to", async () => {
  if (process.getuid?.() !== 0) throw new Error("this test becomes another user: run it as root");
  const daemon = daemonOf({ host: "ssh://machine", sshOpts: ["-F", ssh.sshConfig] });
  if (daemon?.kind !== "ssh") throw new Error("no address");
  const target = `127.0.0.1:${(echo.address() as AddressInfo).port}`;
  let address = "";
  const before = await ssh.logins();
  await withTunnel(daemon, target, async (open) => {
    address = open;
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(address).not.toBe(target);
    expect(await Promise.all([said(address), said(address)])).toEqual(["hello you", "hello you"]);
    expect(await said(address, "setpriv", "--reuid", "65534", "--clear-groups")).toBe("");
  });
  expect(await ssh.logins()).toBe(before + 2);
  expect(await said(address)).toBe("");
});
