import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { commandProvider } from "../../../providers/command/provider";
import {
  containsSecret,
  containsUnknown,
  type PropertyMap,
  Secret,
  toStruct,
  Unknown,
} from "../../../providers/rpc/values";
import { call, PluginClient, urn } from "../pluginClient";

// For machines that are busy with other things.
jest.setTimeout(60_000);

const it1 = urn("command:local:Command", "one");
let plugin: PluginClient;
let folder: string;

beforeAll(async () => {
  plugin = await PluginClient.of(commandProvider());
  folder = await mkdtemp(join(tmpdir(), "vmcluster-local-"));
});
afterAll(async () => {
  await plugin.close();
  await rm(folder, { recursive: true });
});

describe("a local command", () => {
  it("runs create and keeps what it printed, without the newline at the end", async () => {
    const inputs = await plugin.checked(it1, {
      create: 'printf "out $NAME\\n\\n"; cat >&2; pwd >&2',
      environment: { NAME: "here" },
      stdin: "from stdin\n",
      dir: folder,
    });
    const { id, outputs } = await plugin.create(it1, inputs);
    expect(id).toMatch(/^one[0-9a-f]{8}$/);
    expect(outputs).toMatchObject({ ...inputs, stdout: "out here\n", stderr: `from stdin\n${folder}` });
  });

  it("takes the program from the interpreter, without a shell", async () => {
    const { outputs } = await plugin.create(it1, {
      create: "$HOME; two",
      interpreter: [process.execPath, "-p", "process.argv[1]", "--"],
    });
    expect(outputs.stdout).toBe("$HOME; two");
  });

  it("runs update with the output of the run before, and create where there is no update", async () => {
    const inputs = { create: 'echo "was: $PULUMI_COMMAND_STDOUT $PULUMI_COMMAND_STDERR"' };
    const olds = { ...inputs, stdout: "first", stderr: "problem" };
    expect((await plugin.update(it1, "one1", inputs, olds, inputs)).stdout).toBe("was: first problem");
    const quiet = { ...inputs, addPreviousOutputInEnv: false };
    expect((await plugin.update(it1, "one1", inputs, olds, quiet)).stdout).toBe("was:  ");
    const updating = { create: "exit 1", update: "echo updated" };
    expect((await plugin.update(it1, "one1", inputs, olds, updating)).stdout).toBe("updated");
  });

  it("deletes with the state of the last run", async () => {
    const file = join(folder, "deleted");
    await plugin.delete(it1, "one1", {
      delete: `echo "$PULUMI_COMMAND_STDOUT" > ${file}`,
      stdout: "the id",
      stderr: "",
    });
    expect(await readFile(file, "utf8")).toBe("the id\n");
    await plugin.delete(it1, "one1", { create: "true", stdout: "", stderr: "" });
  });

  it("reports each line as a status while it runs, of the streams that logging names", async () => {
    plugin.log.length = 0;
    await plugin.create(it1, { create: "echo visible >&2; echo hidden", logging: "stderr" });
    expect(plugin.log).toEqual([{ message: "visible", urn: it1, ephemeral: true, severity: 1 }]);
  });

  it("fails with how the command ended, what it was and its last words", async () => {
    await expect(
      plugin.create(it1, { create: "seq 1 100 >&2; echo the reason >&2; exit 7" }),
    ).rejects.toThrow(/^exit status 7: running "seq 1 100 [^\n]*"\n {2}82\n(.*\n)*.*the reason$/);
    await expect(plugin.create(it1, { create: "x", interpreter: ["/no/such/program"] })).rejects.toThrow(
      "/no/such/program cannot be started",
    );
  });

  it("shows no secret in errors or in the log", async () => {
    plugin.log.length = 0;
    const inputs = {
      create: "cat; echo $TOKEN >&2; exit 1",
      stdin: new Secret("standard-input-secret"),
      environment: { TOKEN: new Secret("hunter2hunter2") },
    };
    const error = await plugin.create(it1, inputs).then(
      () => "",
      (thrown: Error) => thrown.message,
    );
    expect(error).toContain("[secret]");
    const shown = error + JSON.stringify(plugin.log);
    expect(shown).not.toContain("hunter2");
    expect(shown).not.toContain("standard-input-secret");
  });

  it("keeps secret inputs secret in its outputs", async () => {
    const { outputs } = await plugin.create(it1, { create: "true", stdin: new Secret("s3cret") });
    expect(containsSecret(outputs.stdin ?? null)).toBe(true);
  });

  it("keeps secret what it prints if it is given a secret", async () => {
    const secret = new Secret("hunter2");
    const all: PropertyMap[] = [
      { create: "cat", stdin: secret },
      { create: "printenv TOKEN | rev >&2", environment: { TOKEN: secret } },
      { create: new Secret("echo hunter2") },
      { create: "hunter2", interpreter: ["echo", secret] },
    ];
    for (const given of all) {
      const previewed = await plugin.create(it1, given, true);
      const { outputs } = await plugin.create(it1, given);
      for (const key of ["stdout", "stderr"]) {
        expect(previewed.outputs[key]).toBeInstanceOf(Secret);
        expect(outputs[key]).toBeInstanceOf(Secret);
      }
    }
    expect((await plugin.create(it1, { create: "true", delete: secret })).outputs.stdout).toBe("");
  });

  it("keeps secret what it prints if what it printed before is secret, unless it is not told that", async () => {
    const olds = { create: "cat", stdin: "open", stdout: new Secret("hunter2"), stderr: "" };
    const news = { create: "echo $PULUMI_COMMAND_STDOUT" };
    expect((await plugin.update(it1, "one1", olds, olds, news)).stdout).toEqual(new Secret("hunter2"));
    const untold = { ...news, addPreviousOutputInEnv: false };
    expect((await plugin.update(it1, "one1", olds, olds, untold)).stdout).toBe("");
    const given = { create: "cat", stdin: new Secret("hunter2") };
    const read = await plugin.read(it1, "one1", given, { ...given, stdout: "hunter2", stderr: "" });
    expect(read?.outputs.stdout).toEqual(new Secret("hunter2"));
  });

  it("shows no part of a secret where it cuts its command or output", async () => {
    const secret = Array.from({ length: 40 }, (_, index) => `w${index}`).join("");
    const inputs = { create: new Secret(`: ${"x".repeat(250)} ${secret}; exit 1`) };
    const failed = { create: `: ${"x".repeat(250)} ${secret}; exit 1`, stdin: new Secret(secret) };
    for (const given of [inputs, failed])
      await expect(plugin.create(it1, given)).rejects.toThrow(
        expect.objectContaining({ message: expect.not.stringMatching(/w0|w1/) }),
      );
  });

  it("knows no output in a preview", async () => {
    const { outputs } = await plugin.create(it1, { create: `touch ${folder}/previewed` }, true);
    expect(containsUnknown(outputs.stdout ?? null)).toBe(true);
    await expect(readFile(`${folder}/previewed`)).rejects.toThrow("ENOENT");
  });

  it("is stopped when its time limit is over", async () => {
    const request = new rpc.CreateRequest()
      .setUrn(it1)
      .setProperties(toStruct({ create: "echo before; sleep 300" }))
      .setTimeout(0.3);
    await expect(call((done) => plugin.client.create(request, done))).rejects.toThrow(
      /^stopped: its time limit \(customTimeouts\) is over: running "echo before; sleep 300"\n {2}before$/,
    );
  });

  it("is stopped with all it started by Cancel", async () => {
    const own = await PluginClient.of(commandProvider());
    const running = own.create(it1, { create: "echo started; sleep 300 & wait" });
    const failed = expect(running).rejects.toThrow("cancelled");
    while (own.log.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await own.cancel();
    await failed;
    await own.close();
  });
});

describe("what changes mean", () => {
  const olds: PropertyMap = { create: "a", triggers: ["x", { y: 1 }] };
  it.each<[string, PropertyMap, Record<string, string>, string[]]>([
    ["nothing", olds, {}, []],
    ["create", { ...olds, create: "b" }, { create: "update" }, []],
    ["a trigger", { ...olds, triggers: ["x", { y: 2 }] }, { "triggers[1]": "update_replace" }, ["triggers"]],
    [
      "a further trigger",
      { ...olds, triggers: ["x", { y: 1 }, 3] },
      { "triggers[2]": "add_replace" },
      ["triggers"],
    ],
    [
      "an unknown trigger",
      { ...olds, triggers: ["x", Unknown.value] },
      { "triggers[1]": "update_replace" },
      ["triggers"],
    ],
    ["a variable", { ...olds, environment: { A: "1" } }, { environment: "add" }, []],
  ])("%s", async (_, news, detailed, replaces) => {
    expect(await plugin.diff(it1, olds, news)).toEqual({
      changed: Object.keys(detailed).length > 0,
      replaces,
      deleteBeforeReplace: false,
      detailed,
    });
  });

  it("read gives the state as it was", async () => {
    const outputs = { ...olds, stdout: "o", stderr: "" };
    expect(await plugin.read(it1, "one1", olds, outputs)).toEqual({ id: "one1", inputs: olds, outputs });
  });
});

describe("checking inputs", () => {
  it("names each property that is wrong, once", async () => {
    const { failures } = await plugin.check(it1, {
      creat: "x",
      stdin: 5,
      environment: { A: true },
      logging: "loud",
      archivePaths: ["*"],
    });
    expect(failures).toEqual([
      "creat: is no property here; did you mean create?",
      "environment.A: must be a string, is true",
      'logging: must be one of "stdout", "stderr", "stdoutAndStderr", "none", is "loud"',
      "stdin: must be a string, is the number 5",
    ]);
  });

  it("refuses by name what it does not do", async () => {
    expect((await plugin.check(it1, { archivePaths: ["*"] })).failures).toEqual([
      expect.stringContaining("archivePaths: is not supported by vmcluster's own command provider"),
    ]);
    const copy = urn("command:remote:CopyFile", "c");
    await expect(plugin.check(copy, {})).rejects.toThrow("command:remote:CopyFile is not supported");
    await expect(plugin.check(urn("command:x:Y", "c"), {})).rejects.toThrow(
      "is no resource of the command provider",
    );
  });

  it("lets unknown values and secrets pass", async () => {
    const news = { create: Unknown.value, stdin: new Secret("s") };
    expect(await plugin.check(it1, news)).toEqual({ inputs: news, failures: [] });
  });
});

describe("command.local.run", () => {
  it("runs the command and returns its output with the arguments", async () => {
    expect(await plugin.invoke("command:local:run", { command: "cat", stdin: "hello" })).toEqual({
      command: "cat",
      stdin: "hello",
      stdout: "hello",
      stderr: "",
    });
    await expect(plugin.invoke("command:local:run", {})).rejects.toThrow("command: is required but missing");
    await expect(plugin.invoke("command:local:run", { command: "exit 3" })).rejects.toThrow("exit status 3");
  });
});

it("offers a schema with all of its resources", async () => {
  const { resources } = await plugin.schema();
  expect(Object.keys(resources)).toEqual([
    "command:local:Command",
    "command:remote:Command",
    "command:remote:CopyToRemote",
  ]);
  expect(Object.keys(resources["command:remote:Command"]?.inputProperties ?? {})).toContain("connection");
});
