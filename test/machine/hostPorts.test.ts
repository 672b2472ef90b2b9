import { createServer, type Server } from "node:net";
import { blockedPorts, freeAddress, portError, portState } from "../../machine/hostPorts";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

const listen = (host: string): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    servers.push(server);
    server.listen(0, host, () => resolve((server.address() as { port: number }).port));
  });

it("sees who listens on the address itself, on all addresses, and on all of IPv6 as well", async () => {
  expect(await portState("127.77.0.1", await listen("127.77.0.1"))).toBe("in use");
  expect(await portState("127.77.0.1", await listen("0.0.0.0"))).toBe("in use");
  expect(await portState("127.77.0.1", await listen("::"))).toBe("in use");
});

it("does not mind who listens on another address, and leaves the port free", async () => {
  const port = await listen("127.77.0.2");
  expect(await portState("127.77.0.1", port)).toBe("free");
  expect(await portState("127.77.0.1", port)).toBe("free");
});

it("takes the first address on which all ports are free", async () => {
  const port = await listen("127.77.0.1");
  expect(await freeAddress(["127.77.0.1", "127.77.0.2"], [port])).toBe("127.77.0.2");
});

it("names the port and how to find who has it when it is in use everywhere", async () => {
  const port = await listen("0.0.0.0");
  await expect(freeAddress(["127.77.0.1", "127.77.0.2"], [port], 'machine "vm1": ')).rejects.toThrow(
    new RegExp(`machine "vm1": port ${port} is already in use[\\s\\S]*ss -ltnp`),
  );
  expect([...(await blockedPorts("127.77.0.1", [port]))]).toEqual([[port, "in use"]]);
});

it("says that low ports need root", () => {
  expect(portError("", "127.77.0.1", new Map([[80, "not allowed"]])).message).toMatch(
    /port 80 .*without root/,
  );
});
