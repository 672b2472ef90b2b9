import { type AddressInfo, createServer } from "node:net";
import { withTunnel } from "../../../../cli/machine/buildah/tunnel";
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

it("lets this user alone through to the other machine's port, for as long as it is asked to", async () => {
  if (process.getuid?.() !== 0) throw new Error("this test becomes another user: run it as root");
  const daemon = daemonOf({ host: "ssh://machine", sshOpts: ["-F", ssh.sshConfig] });
  if (daemon?.kind !== "ssh") throw new Error("no address");
  const target = `127.0.0.1:${(echo.address() as AddressInfo).port}`;
  let address = "";
  await withTunnel(daemon, target, async (open) => {
    address = open;
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(address).not.toBe(target);
    expect(await Promise.all([said(address), said(address)])).toEqual(["hello you", "hello you"]);
    expect(await said(address, "setpriv", "--reuid", "65534", "--clear-groups")).toBe("");
  });
  expect(await ssh.logins()).toBe(2);
  expect(await said(address)).toBe("");
});
