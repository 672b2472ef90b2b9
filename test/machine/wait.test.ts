import { once } from "node:events";
import { writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Connection, Server, utils } from "ssh2";
import type { Driver } from "../../machine/driver";
import { waitUntilUp } from "../../machine/wait";
import { record, useTemporaryHome } from "./temporaryHome";

const home = useTemporaryHome();

/** A guest that lets everybody in and fails at every command, or never answers. */
async function brokenGuest(code = 1, says = "", hangs = false) {
  const hostKey = utils.generateKeyPairSync("ed25519");
  const clients = new Set<Connection>();
  const server = new Server({ hostKeys: [hostKey.private] }, (client: Connection) => {
    clients.add(client);
    client.on("close", () => clients.delete(client));
    client.on("error", () => undefined);
    client.on("authentication", (asked) => asked.accept());
    client.on("session", (accept) => {
      accept().on("exec", (acceptCommand) => {
        const channel = acceptCommand();
        if (hangs) return;
        channel.write(says);
        channel.exit(code);
        channel.end();
      });
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, clients, hostKey: hostKey.public, port: (server.address() as AddressInfo).port };
}

const driver = {
  hardware: async () => ({ instance: "1", cpus: 1, memory: 1024 }),
  state: async () => "running",
} as unknown as Driver;

it("leaves no connection open when Docker does not come up: the command could not end", async () => {
  const { server, clients, hostKey, port } = await brokenGuest();
  const identity = join(home(), "key");
  writeFileSync(identity, utils.generateKeyPairSync("ed25519").private);
  const machine = record({ hostKey });
  const network = { ...machine.network, address: "127.0.0.1", sshPort: port };
  const host = { sshUser: "root", identity, os: "", cpus: 1, memory: 1024 };
  await expect(waitUntilUp({ ...machine, network, host }, driver, () => undefined)).rejects.toThrow(
    /machine "vm1" did not come up within 15 minutes \(waiting for Docker\)/,
  );
  for (let tries = 0; tries < 50 && clients.size > 0; tries++) await delay(50);
  const left = clients.size;
  for (const client of clients) client.end();
  server.close();
  expect(left).toBe(0);
});

it("says why Docker that is off does not start, and waits no longer", async () => {
  const { server, clients, hostKey, port } = await brokenGuest(4, "no space left on device");
  const identity = join(home(), "key");
  writeFileSync(identity, utils.generateKeyPairSync("ed25519").private);
  const machine = record({ hostKey, answered: "1" });
  const network = { ...machine.network, address: "127.0.0.1", sshPort: port };
  const host = { sshUser: "root", identity, os: "", cpus: 1, memory: 1024 };
  await expect(waitUntilUp({ ...machine, network, host }, driver, () => undefined)).rejects.toThrow(
    /machine "vm1": its Docker is off and does not start\n {2}no space left on device\n {2}look at it/,
  );
  for (const client of clients) client.end();
  server.close();
});

it("gives up on one that hangs after it has let us in: SSH alone would notice after minutes", async () => {
  const { server, clients, hostKey, port } = await brokenGuest(0, "", true);
  const identity = join(home(), "key");
  writeFileSync(identity, utils.generateKeyPairSync("ed25519").private);
  const machine = record({ hostKey, answered: "1" });
  const network = { ...machine.network, address: "127.0.0.1", sshPort: port };
  const host = { sshUser: "root", identity, os: "", cpus: 1, memory: 1024 };
  const waited = waitUntilUp({ ...machine, network, host }, driver, () => undefined, 10_000);
  await expect(waited).rejects.toThrow(
    /machine "vm1" runs, but did not answer within 10 s \(waiting for Docker\)\n {2}it was up before: it hangs/,
  );
  for (const client of clients) client.end();
  server.close();
}, 60_000);
