import { generateKeyPairSync } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { commandProvider } from "../../../providers/command/provider";
import { Archive, Asset, containsSecret, type PropertyMap, Secret } from "../../../providers/rpc/values";
import { freePort } from "../../freePort";
import { PluginClient, urn } from "../pluginClient";
import { SshServer } from "../sshServer";

// For machines that are busy with other things.
jest.setTimeout(60_000);

const it1 = urn("command:remote:Command", "one");
const copy = urn("command:remote:CopyToRemote", "copy");
let plugin: PluginClient;
let server: SshServer;

beforeAll(async () => {
  server = await SshServer.start();
  plugin = await PluginClient.of(commandProvider());
});
afterAll(async () => {
  await plugin?.close();
  await server?.remove();
});

const checked = (rest: PropertyMap, connection: PropertyMap = {}): Promise<PropertyMap> =>
  plugin.checked(it1, { connection: new Secret({ ...server.connection, ...connection }), ...rest });

async function error(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "no error",
    (thrown: Error) => thrown.message,
  );
}

describe("a remote command", () => {
  it("fills in the connection's defaults and keeps it secret as a whole, and its keys besides", async () => {
    const inputs = await checked({});
    const { connection } = inputs;
    expect(connection).toBeInstanceOf(Secret);
    expect((connection as Secret).value).toEqual({
      ...server.connection,
      privateKey: new Secret(server.connection.privateKey),
      dialErrorLimit: 10,
      perDialTimeout: 15,
    });
  });

  it("runs create, update and delete over one connection, many at once", async () => {
    const before = await server.logins();
    const inputs = await checked({
      create: 'printf "å%s\\n" "$VMCLUSTER_NAME"; cat >&2',
      environment: { VMCLUSTER_NAME: "n" },
      stdin: "in",
      update: 'echo "$PULUMI_COMMAND_STDOUT/$PULUMI_COMMAND_STDERR"',
      delete: `echo "$PULUMI_COMMAND_STDOUT" > ${server.folder}/deleted`,
    });
    const { id, outputs } = await plugin.create(it1, inputs);
    expect(id).toMatch(/^one[0-9a-f]{8}$/);
    expect(outputs).toMatchObject({ stdout: "ån", stderr: "in" });
    expect(containsSecret(outputs.connection ?? null)).toBe(true);
    expect(await plugin.update(it1, id, inputs, outputs, inputs)).toMatchObject({ stdout: "ån/in" });
    await plugin.delete(it1, id, outputs);
    expect(await readFile(join(server.folder, "deleted"), "utf8")).toBe("ån\n");

    const many = await Promise.all(
      Array.from({ length: 20 }, async (_, index) =>
        plugin.create(it1, await checked({ create: `sleep 0.1; echo ${index}` })),
      ),
    );
    expect(many.map(({ outputs: { stdout } }) => stdout)).toEqual(many.map((_, index) => String(index)));
    expect((await server.logins()) - before).toBe(1);
  });

  it("says that the machine drops a variable", async () => {
    const inputs = await checked({ create: "true", environment: { OTHER: "secret value" } });
    expect(await error(plugin.create(it1, inputs))).toContain(
      "sshd does not accept the environment variable OTHER (AcceptEnv in sshd_config)",
    );
  });

  it("connects anew, once, when the kept connection has dropped", async () => {
    await plugin.create(it1, await checked({ create: "true" }));
    const before = await server.logins();
    await server.down();
    await server.up();
    expect((await plugin.create(it1, await checked({ create: "echo back" }))).outputs.stdout).toBe("back");
    expect((await server.logins()) - before).toBe(1);
  });

  it("does not run a command again when the connection is lost meanwhile", async () => {
    const running = error(
      plugin.create(
        it1,
        await checked({ create: `echo x >> ${server.folder}/runs; echo started; sleep 60` }),
      ),
    );
    plugin.log.length = 0;
    while (!plugin.log.some(({ message }) => message === "started")) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await server.dropConnections();
    expect(await running).toContain("The SSH connection was lost while the command ran on 127.0.0.1");
    expect(await readFile(join(server.folder, "runs"), "utf8")).toBe("x\n");
  });

  it("fails with the exit status, the machine and the last words, and without secrets", async () => {
    const inputs = await checked({
      create: "cat >&2; echo the reason >&2; exit 4",
      stdin: new Secret("a-join-token"),
    });
    const message = await error(plugin.create(it1, inputs));
    expect(message).toContain('Process exited with status 4 on 127.0.0.1: running "cat >&2');
    expect(message).toContain("[secret]the reason");
    expect(message).not.toContain("a-join-token");
  });

  it("refuses another host key than the pinned one, at once", async () => {
    const { hostKey } = server.connection;
    const other = Buffer.from(hostKey.split(" ")[1] as string, "base64");
    other.writeUInt8(other.readUInt8(other.length - 1) ^ 1, other.length - 1);
    const inputs = await checked({ create: "true" }, { hostKey: `ssh-ed25519 ${other.toString("base64")}` });
    const message = await error(plugin.create(it1, inputs));
    expect(message).toMatch(/another host key than the one pinned in hostKey\n.*SHA256:/);
  });

  it("retries as often as dialErrorLimit says and reports that it does", async () => {
    plugin.log.length = 0;
    const port = await freePort();
    const inputs = await checked({ create: "true" }, { port, dialErrorLimit: 2 });
    expect(await error(plugin.create(it1, inputs))).toContain(
      `cannot connect to ${server.user}@127.0.0.1:${port} by SSH (3 attempts)`,
    );
    expect(plugin.log.map(({ message }) => message)).toEqual([
      expect.stringContaining("attempt 1 of 3 failed (connect ECONNREFUSED"),
      expect.stringContaining("attempt 2 of 3 failed"),
    ]);
  });

  it("gives up an attempt after perDialTimeout", async () => {
    const silent = createServer();
    const port = await new Promise<number>((resolve) =>
      silent.listen(0, "127.0.0.1", () => resolve((silent.address() as { port: number }).port)),
    );
    const inputs = await checked({ create: "true" }, { port, dialErrorLimit: 0, perDialTimeout: 1 });
    expect(await error(plugin.create(it1, inputs))).toContain("Timed out while waiting for handshake");
    silent.close();
  });

  it("shows nothing of a private key that cannot be read or is not accepted", async () => {
    const broken = await checked({ create: "true" }, { privateKey: "not-a-key-but-secret" });
    const message = await error(plugin.create(it1, broken));
    expect(message).toContain("connection.privateKey cannot be read");
    expect(message).not.toContain("not-a-key");
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type: "pkcs1", format: "pem" }) as string;
    const foreign = await checked({ create: "true" }, { privateKey: pem, dialErrorLimit: 0 });
    expect(await error(plugin.create(it1, foreign))).toContain("authentication methods failed");
  });

  it("goes through a proxy", async () => {
    const inputs = await checked({ create: "echo through" }, { proxy: server.connection });
    expect((await plugin.create(it1, inputs)).outputs.stdout).toBe("through");
  });
});

describe("CopyToRemote", () => {
  const put = async (source: Asset | Archive, remotePath: string): Promise<string> => {
    const inputs = await plugin.checked(copy, { connection: server.connection, source, remotePath });
    return (await plugin.create(copy, inputs)).id;
  };

  it("sends texts, files, folders and maps of them", async () => {
    const local = join(server.folder, "local");
    await mkdir(join(local, "inner"), { recursive: true });
    await writeFile(join(local, "a"), "A");
    await writeFile(join(local, "inner/b"), "B");
    const remote = join(server.folder, "remote");
    const content = (name: string): Promise<string> => readFile(join(remote, name), "utf8");

    expect(await put(new Asset({ text: "T" }, "1"), `${remote}/deep/text`)).toMatch(/^[0-9a-f]{8}$/);
    expect(await content("deep/text")).toBe("T");
    await put(new Asset({ path: join(local, "a") }, "2"), `${remote}/deep`);
    expect(await content("deep/a")).toBe("A");
    await put(new Archive({ path: local }, "3"), `${remote}/whole`);
    expect(await content("whole/local/inner/b")).toBe("B");
    await put(new Archive({ path: `${local}/` }, "3"), `${remote}/contents`);
    expect(await content("contents/inner/b")).toBe("B");
    await put(new Archive({ assets: { "x/y": new Asset({ text: "Y" }, "4") } }, "5"), `${remote}/map`);
    expect(await content("map/x/y")).toBe("Y");
    expect(await error(put(new Archive({ path: local }, "3"), `${remote}/deep/text`))).toContain(
      "is no folder",
    );
  });

  it("sends again only what has changed", async () => {
    const remotePath = join(server.folder, "again");
    const inputs = await plugin.checked(copy, {
      connection: server.connection,
      source: new Asset({ text: "1" }, "h1"),
      remotePath,
    });
    const moved: PropertyMap = { ...inputs, triggers: ["t"] };
    expect(await plugin.diff(copy, inputs, moved)).toMatchObject({ replaces: ["triggers"] });
    await plugin.update(copy, "id", inputs, inputs, moved);
    await expect(readFile(remotePath)).rejects.toThrow("ENOENT");
    const changed: PropertyMap = { ...inputs, source: new Asset({ text: "2" }, "h2") };
    expect((await plugin.diff(copy, inputs, changed)).detailed).toEqual({ source: "update" });
    await plugin.update(copy, "id", inputs, inputs, changed);
    expect(await readFile(remotePath, "utf8")).toBe("2");
  });
});
