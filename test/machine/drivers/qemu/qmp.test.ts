import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { monitor, qmp } from "../../../../machine/drivers/qemu/qmp";
import { useTemporaryHome } from "../../temporaryHome";

const home = useTemporaryHome();
let server: Server | undefined;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
  server = undefined;
});

/** Speaks QMP as QEMU does: greets, then answers each command, with an event in between. */
function fakeQemu(
  answer: (command: { execute: string; arguments?: object }) => object | undefined,
): Promise<string> {
  const path = join(home(), "qmp.sock");
  server = createServer((socket) => {
    sockets.push(socket);
    const say = (value: object): boolean => socket.write(`${JSON.stringify(value)}\r\n`);
    say({ QMP: { version: {}, capabilities: [] } });
    createInterface({ input: socket }).on("line", (line) => {
      const reply = answer(JSON.parse(line));
      say({ event: "RTC_CHANGE", data: {} });
      if (reply) say(reply);
    });
  });
  return new Promise((resolve) => server?.listen(path, () => resolve(path)));
}

it("negotiates, then runs the commands in order and passes over events", async () => {
  const path = await fakeQemu((command) => ({ return: command.execute }));
  expect(await qmp(path, [{ execute: "query-status" }, { execute: "stop" }])).toEqual([
    "query-status",
    "stop",
  ]);
});

it("tells what QEMU says against a command", async () => {
  const path = await fakeQemu((command) =>
    command.execute === "bad"
      ? { error: { class: "CommandNotFound", desc: "no such command" } }
      : { return: {} },
  );
  await expect(qmp(path, [{ execute: "bad" }])).rejects.toThrow("no such command");
});

it("gives up on a QEMU that does not answer, and on one that is not there", async () => {
  const path = await fakeQemu(() => undefined);
  await expect(qmp(path, [], 100)).rejects.toThrow("no answer within 100 ms");
  await expect(qmp(join(home(), "none.sock"), [])).rejects.toThrow("ENOENT");
});

it("passes command lines to the monitor", async () => {
  const path = await fakeQemu((command) => ({ return: JSON.stringify(command.arguments ?? {}) }));
  expect(await monitor(path, "hostfwd_add host tcp::1-:2")).toBe(
    '{"command-line":"hostfwd_add host tcp::1-:2"}',
  );
});
