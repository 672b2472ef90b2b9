/** The switch as a process, with listening sockets in the place of QEMUs. Needs the compiled program, as programs of users do. */
import { execFileSync, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { networkTrouble } from "../../../../../machine/drivers/qemu/privateNetwork/choose";
import { framed } from "../../../../../machine/drivers/qemu/privateNetwork/frames";
import { linkOf, linksOfMachine } from "../../../../../machine/drivers/qemu/privateNetwork/links";
import { forgetSwitches, startSwitch } from "../../../../../machine/drivers/qemu/privateNetwork/process";
import { freePort } from "../../../../freePort";
import { record, spec, useTemporaryHome } from "../../../temporaryHome";

jest.setTimeout(60_000);
const home = useTemporaryHome();

/** What listens as QEMU does: for one connection at a time. */
class Card {
  readonly server: Server;
  socket: Socket | undefined;
  came = Buffer.alloc(0);
  constructor(
    readonly name: string,
    readonly mac: number,
  ) {
    this.server = createServer((socket) => {
      this.socket = socket;
      socket.on("data", (chunk) => {
        this.came = Buffer.concat([this.came, chunk]);
      });
      socket.on("error", () => undefined);
      socket.on("close", () => {
        this.socket = undefined;
      });
    });
  }
  async listen(): Promise<this> {
    this.server.listen(linkOf("blue", this.name));
    await once(this.server, "listening");
    return this;
  }
  frame(text: string): Buffer {
    const head = Buffer.from([255, 255, 255, 255, 255, 255, 82, 84, 0, 0, 0, this.mac, 8, 0]);
    return Buffer.concat([head, Buffer.from(text)]);
  }
  send(text: string): void {
    this.socket?.write(framed(this.frame(text)));
  }
  /** As when the machine is stopped: the socket's file is removed. */
  end(): void {
    this.server.close();
    this.socket?.destroy();
    for (const file of linksOfMachine(this.name)) rmSync(file, { force: true });
  }
}

const cards: Card[] = [];
async function card(name: string): Promise<Card> {
  const made = await new Card(name, cards.length + 1).listen();
  cards.push(made);
  return made;
}

beforeEach(() => mkdirSync(join(home(), "machines"), { mode: 0o700 }));
afterEach(async () => {
  for (const one of cards.splice(0)) one.end();
  await until(() => switches().length === 0);
});

/** Process ids of the running switches of this home. */
function switches(): number[] {
  return readdirSync("/proc")
    .filter((entry) => {
      try {
        const args = readFileSync(`/proc/${entry}/cmdline`, "utf8").split("\0");
        return args[0] === process.execPath && args[2] === join(home(), "machines");
      } catch {
        return false;
      }
    })
    .map(Number);
}

async function until(holds: () => boolean): Promise<void> {
  const end = Date.now() + 30_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error("it does not become so");
    await delay(50);
  }
}

const start = (multicast = "239.200.1.2:1"): void =>
  startSwitch(record({ spec: spec(), network: { ...record().network, multicast } }));

/** Sends from one to the other until it comes, as a network may lose what is sent before both are there. */
async function reaches(from: Card, to: Card, text: string): Promise<void> {
  await until(() => {
    from.send(text);
    return to.came.includes(text);
  });
}

it("connects the machines of a cluster, and is one process however often it is started", async () => {
  const [one, two] = [await card("vm1"), await card("vm2")];
  start();
  start();
  await reaches(one, two, "hello");
  const three = await card("vm3");
  start();
  await reaches(three, one, "and me");
  await reaches(two, three, "welcome");
  expect(switches()).toHaveLength(1);
  expect(one.came.includes("welcome")).toBe(true);
});

it("is there again after it was killed, and after a machine was started anew", async () => {
  const [one, two] = [await card("vm1"), await card("vm2")];
  start();
  await reaches(one, two, "before");
  const [pid = 0] = switches();
  process.kill(pid, "SIGKILL");
  await reaches(two, one, "after");
  expect(switches()).not.toContain(pid);
  two.end();
  const again = await card("vm2");
  await reaches(one, again, "to the new one");
});

it("is not held up by a machine that takes nothing", async () => {
  const [one, two, frozen] = [await card("vm1"), await card("vm2"), await card("vm3")];
  start();
  await reaches(one, frozen, "all there");
  await reaches(one, two, "all there");
  frozen.socket?.pause();
  // More than all buffers on the way hold.
  const much = "x".repeat(60_000);
  for (let count = 0; count < 400; count++) {
    one.send(much);
    if (count % 20 === 0) await delay(5);
  }
  await reaches(one, two, "went past");
});

it("ends with the last machine and leaves nothing", async () => {
  const one = await card("vm1");
  start();
  await until(() => one.socket !== undefined);
  expect(readdirSync(join(home(), "machines"))).toHaveLength(3);
  one.end();
  await forgetSwitches();
  expect(switches()).toEqual([]);
  expect(readdirSync(join(home(), "machines"))).toEqual([]);
});

it("keeps nothing of the environment, which may hold a passphrase", async () => {
  const one = await card("vm1");
  process.env.PULUMI_CONFIG_PASSPHRASE = "in nobody's environment";
  try {
    start();
    await until(() => one.socket !== undefined);
    expect(readFileSync(`/proc/${switches()[0]}/environ`, "utf8")).not.toContain("nobody");
  } finally {
    delete process.env.PULUMI_CONFIG_PASSPHRASE;
  }
});

it("tells that it does not run, and which machines are on a multicast group", async () => {
  const args = ["-netdev", `stream,id=private,server=on,addr.type=unix,addr.path=${linkOf("blue", "vm1")}`];
  expect(await networkTrouble(args)).toBe("down");
  const one = await card("vm1");
  start();
  await until(() => one.socket !== undefined);
  expect(await networkTrouble(args)).toBeUndefined();
  const older = ["-netdev", "socket,id=private,mcast=239.200.1.2:20123,localaddr=127.0.0.1"];
  expect(await networkTrouble(older)).toBe("open");
  process.env.VMCLUSTER_PRIVATE_NETWORK = "multicast";
  try {
    expect(await networkTrouble(older)).toBeUndefined();
  } finally {
    delete process.env.VMCLUSTER_PRIVATE_NETWORK;
  }
});

it("reaches machines that an earlier version started, as long as there are some", async () => {
  const port = await freePort();
  const group = "239.200.77.1";
  // Its name and arguments are those of a QEMU.
  const older = spawn(process.execPath, [
    "-e",
    "setTimeout(() => {}, 60000)",
    "--",
    "qemu",
    `socket,id=private,mcast=${group}:${port},localaddr=127.0.0.1`,
  ]);
  const member = createSocket({ type: "udp4", reuseAddr: true });
  try {
    member.bind(port, group);
    await once(member, "listening");
    member.addMembership(group, "127.0.0.1");
    member.setMulticastInterface("127.0.0.1");
    const came: string[] = [];
    member.on("message", (frame) => came.push(frame.subarray(14).toString()));
    const one = await card("vm1");
    start(`${group}:${port}`);
    await until(() => {
      one.send("to the older");
      return came.includes("to the older");
    });
    const back = new Card("older", 99);
    await until(() => {
      member.send(back.frame("to the newer"), port, group);
      return one.came.includes("to the newer");
    });
    // What the switch sent to the group and heard there itself did not go back to where it came from.
    expect(one.came.includes("to the older")).toBe(false);
  } finally {
    older.kill();
    member.close();
  }
});

const asRoot = process.getuid?.() === 0 ? it : it.skip;

asRoot("lets no other user of the host in", async () => {
  const one = await card("vm1");
  const connect = (user: string[]): string => {
    const code = `require("net").connect(${JSON.stringify(linkOf("blue", "vm1"))}).on("connect", () => { console.log("in"); process.exit() }).on("error", (error) => console.log(error.code))`;
    return execFileSync("setpriv", [...user, process.execPath, "-e", code], { encoding: "utf8" }).trim();
  };
  chmodSync(home(), 0o755);
  // Whatever the umask was when QEMU made it.
  chmodSync(linkOf("blue", "vm1"), 0o777);
  expect(connect(["--reuid=65534", "--regid=65534", "--clear-groups"])).toBe("EACCES");
  expect(one.socket).toBeUndefined();
});
