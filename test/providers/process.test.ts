import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { toStruct } from "../../providers/rpc/values";
import { call, connect, startEngine, urn } from "./pluginClient";

// For machines that are busy with other things.
jest.setTimeout(60_000);

/** The compiled providers, as an engine starts them. */
function entry(name: string): string {
  const path = join(__dirname, "../../dist/providers", name, "main.js");
  if (!existsSync(path)) throw new Error(`${path} is missing, which this test starts: npm run build`);
  return path;
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (!child.stdout) throw new Error("no standard output");
    createInterface({ input: child.stdout })
      .once("line", resolve)
      .once("close", () => reject(new Error("no line")));
  });
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => child.once("exit", (code) => resolve(code)));

describe.each([
  ["command", "1.2.1"],
  ["docker", "5.2.0"],
])("the %s provider's process", (name, version) => {
  it("prints its port first, tells its version and schema, and ends when told to", async () => {
    const { engine, address } = await startEngine();
    const child = spawn(process.execPath, [entry(name), "-v=9", address], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const port = await firstLine(child);
    expect(port).toMatch(/^\d+$/);
    const client = connect(Number(port));
    const handshake = await call<rpc.ProviderHandshakeResponse>((done) =>
      client.handshake(new rpc.ProviderHandshakeRequest().setEngineAddress(address), done),
    );
    expect(handshake.getAcceptSecrets()).toBe(true);
    const info = await call<plugin.PluginInfo>((done) => client.getPluginInfo(new Empty(), done));
    expect(info.getVersion()).toBe(version);
    const schema = await call<rpc.GetSchemaResponse>((done) =>
      client.getSchema(new rpc.GetSchemaRequest(), done),
    );
    expect(JSON.parse(schema.getSchema())).toMatchObject({ name, version });
    const exit = ended(child);
    child.kill("SIGTERM");
    expect(await exit).toBe(0);
    client.close();
    engine.forceShutdown();
  });
});

it("logs to the engine of Attach", async () => {
  const { engine, address, log } = await startEngine();
  const child = spawn(process.execPath, [entry("command")], { stdio: ["ignore", "pipe", "inherit"] });
  const client = connect(Number(await firstLine(child)));
  await call((done) => client.attach(new plugin.PluginAttach().setAddress(address), done));
  const request = new rpc.CreateRequest()
    .setUrn(urn("command:local:Command", "one"))
    .setProperties(toStruct({ create: "echo hello" }));
  await call((done) => client.create(request, done));
  expect(log).toEqual([expect.objectContaining({ message: "hello", ephemeral: true })]);
  child.kill("SIGTERM");
  client.close();
  engine.forceShutdown();
});

it("ends, with the commands it runs, when its engine was killed", async () => {
  // A shell stands in for the engine: it starts the provider and is killed.
  const parent = spawn("sh", ["-c", `"${process.execPath}" "${entry("command")}" & echo "pid $!"; wait`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  createInterface({ input: parent.stdout }).on("line", (line) => lines.push(line));
  while (lines.length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  const pid = Number(lines.find((line) => line.startsWith("pid "))?.slice(4));
  const client = connect(Number(lines.find((line) => /^\d+$/.test(line))));
  const request = new rpc.CreateRequest()
    .setUrn(urn("command:local:Command", "one"))
    .setProperties(toStruct({ create: "sleep 300" }));
  const failed = call((done) => client.create(request, done)).catch(() => undefined);
  parent.kill("SIGKILL");
  await failed;
  const alive = (): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  for (let tries = 0; alive() && tries < 100; tries++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  expect(alive()).toBe(false);
  client.close();
});
