import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { CommandUnderTest, compile, finished } from "./command";

jest.setTimeout(120_000);

let vmcluster: CommandUnderTest;
beforeAll(compile);
beforeEach(() => {
  vmcluster = new CommandUnderTest();
});
afterEach(() => vmcluster.clean());

it("prints the package's version", async () => {
  const { version } = JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8"));
  expect((await vmcluster.ok("--version")).stdout).toBe(`${version}\n`);
});

it("lists its verbs, and test only in a clone", async () => {
  const help = (await vmcluster.ok("--help")).stdout;
  for (const verb of ["up", "preview", "destroy", "stack", "config", "machine", "image"])
    expect(help).toMatch(new RegExp(`^  ${verb}\\b`, "m"));
  expect(help).not.toMatch(/^ {2}test\b/m);
  const clone = await vmcluster.run(["--help"], { env: { VMCLUSTER_LAUNCHER: vmcluster.folder } });
  expect(clone.stdout).toMatch(/^ {2}test\b/m);
});

it.each([
  ["--help"],
  ["--version"],
  ["up", "--help"],
  ["machine", "ls"],
  ["machine", "--help"],
  ["completion", "bash"],
])("%s %s says on standard error that standard output cannot be written, and fails", async (...args) => {
  const ran = await finished(
    vmcluster.startProgram("sh", ["-c", 'exec "$NODE" "$CLI" "$@" > /dev/full', "sh", ...args]),
  );
  expect(ran).toEqual({
    code: 1,
    stdout: "",
    stderr: "error: cannot write to standard output: ENOSPC: no space left on device, write\n",
  });
});

it.each([
  ["nonsense"],
  ["up", "--nonsense"],
  ["up", "--parallel", "x"],
  ["stack", "nonsense"],
  ["config", "set"],
])("refuses %s %s %s", async (...args) => {
  vmcluster.write("");
  const ran = await vmcluster.run(args);
  expect(ran.code).toBe(1);
  expect(ran.stderr).toMatch(/^error: /);
});

describe("without a project", () => {
  it("says where it looked and what to do", async () => {
    const ran = await vmcluster.run(["up", "--yes"]);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toBe(
      `error: no Pulumi.yaml project file found\n  searched from ${vmcluster.project} upward\n  run this in the folder of a Pulumi program, or name that folder with -C\n`,
    );
  });

  it("names a folder given with -C that is none", async () => {
    const ran = await vmcluster.run(["-C", "nowhere", "preview"]);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("nowhere is not a folder");
  });
});

it("asks for --yes where there is no terminal", async () => {
  vmcluster.write("");
  // The exit codes are those of Pulumi 3.248.
  for (const [verb, code] of [
    ["up", 2],
    ["destroy", 2],
    ["refresh", 1],
  ] as const) {
    const ran = await vmcluster.run([verb]);
    expect(ran.code).toBe(code);
    expect(ran.stderr).toContain(
      "--yes or --skip-preview must be passed in to proceed when running in non-interactive mode",
    );
  }
  expect(existsSync(vmcluster.home)).toBe(false);
});

it("names the system's programs that are missing before it makes anything", async () => {
  vmcluster.write("");
  const ran = await vmcluster.run(["up", "--yes"], {
    env: { VMCLUSTER_LAUNCHER: vmcluster.folder, PATH: vmcluster.folder },
  });
  expect(ran.code).toBe(1);
  expect(ran.stderr).toMatch(/^error: programs are missing: qemu-system-x86_64, qemu-img, /);
  expect(ran.stderr).toContain("install them with this system's package manager");
  expect(existsSync(join(vmcluster.home, ".pulumi"))).toBe(false);
});

it("refuses a backend that is not of files, without printing what may be secret in its address", async () => {
  vmcluster.write("");
  const ran = await vmcluster.run(["stack", "ls"], { env: { PULUMI_BACKEND_URL: "s3://bucket?key=hush" } });
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain("PULUMI_BACKEND_URL: s3://bucket is not a file backend");
  expect(ran.stderr).not.toContain("hush");
});

describe("stacks", () => {
  beforeEach(() => vmcluster.write(""));

  it("are made, selected, listed and removed", async () => {
    expect((await vmcluster.ok("stack", "ls")).stdout).toContain("no stack yet");
    expect((await vmcluster.ok("stack", "init", "one")).stdout).toBe("Created stack 'one'\n");
    await vmcluster.ok("stack", "init", "two");
    expect((await vmcluster.ok("stack", "ls")).stdout).toMatch(
      /^NAME +LAST UPDATE +RESOURCE COUNT\none +n\/a +0\ntwo\* +n\/a +0\n$/,
    );
    await vmcluster.ok("stack", "select", "one");
    expect(JSON.parse((await vmcluster.ok("stack", "ls", "--json")).stdout)).toEqual([
      { name: "one", current: true, resourceCount: 0 },
      { name: "two", current: false, resourceCount: 0 },
    ]);
    await vmcluster.ok("stack", "rm", "one", "--yes");
    expect(JSON.parse((await vmcluster.ok("stack", "ls", "--json")).stdout)).toHaveLength(1);
  });

  it("that are not there are refused with those that are", async () => {
    await vmcluster.ok("stack", "init", "one");
    for (const args of [
      ["stack", "select", "tow"],
      ["stack", "output", "-s", "tow"],
      ["-s", "tow", "preview"],
    ]) {
      const ran = await vmcluster.run(args);
      expect(ran.code).toBe(6);
      expect(ran.stderr).toMatch(/no stack named 'tow' found\n {2}there are: one\n/);
    }
  });

  it("are not guessed among several", async () => {
    await vmcluster.ok("stack", "init", "one");
    await vmcluster.ok("stack", "init", "two");
    await vmcluster.ok("stack", "rm", "two", "--yes");
    await vmcluster.ok("stack", "init", "three");
    await vmcluster.ok("stack", "rm", "three", "--yes");
    expect((await vmcluster.ok("stack", "output", "--json")).stdout).toBe("{}\n");
    await vmcluster.ok("stack", "init", "four");
    await vmcluster.ok("stack", "init", "five");
    await vmcluster.ok("stack", "rm", "five", "--yes");
    const ran = await vmcluster.run(["stack", "output"]);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("no stack selected\n  there are several: four, one\n");
  });
});

describe("configuration", () => {
  beforeEach(() => vmcluster.write(""));
  const file = (): string => readFileSync(join(vmcluster.project, "Pulumi.dev.yaml"), "utf8");

  it("is set, read, listed and removed, in a stack made for it", async () => {
    const set = await vmcluster.ok("config", "set", "replicas", "3");
    expect(set.stderr).toBe("Created stack 'dev'\n");
    expect(file()).toMatch(/lab:replicas: ['"]?3['"]?\n/);
    expect((await vmcluster.ok("config", "get", "replicas")).stdout).toBe("3\n");
    expect((await vmcluster.ok("config")).stdout).toMatch(/^KEY +VALUE\nreplicas +3\n$/);
    await vmcluster.ok("config", "rm", "replicas");
    const gone = await vmcluster.run(["config", "get", "replicas"]);
    expect(gone.code).toBe(1);
    expect(gone.stderr).toContain("configuration key 'replicas' not found for stack 'dev'");
  });

  it("is set, printed as JSON, copied and removed several values at once", async () => {
    await vmcluster.ok("stack", "init", "one");
    await vmcluster.ok("stack", "init", "two");
    const on = (stack: string, ...args: string[]) => vmcluster.ok("config", ...args, "--stack", stack);
    await on(
      "one",
      "set-all",
      "--plaintext",
      "port=80",
      "--secret",
      "key=hush",
      "--plaintext",
      "other:x=a=b",
    );
    await on("one", "set", "--path", "server.names[0]", "3", "--type", "string");
    await on("one", "cp", "--dest", "two");
    const json = async (...args: string[]) => JSON.parse((await on("two", ...args, "--json")).stdout);
    expect(await json()).toEqual({
      "lab:key": { secret: true },
      "lab:port": { value: "80", secret: false },
      "lab:server": { value: '{"names":["3"]}', objectValue: { names: ["3"] }, secret: false },
      "other:x": { value: "a=b", secret: false },
    });
    expect((await json("ls", "--show-secrets"))["lab:key"]).toEqual({ value: "hush", secret: true });
    expect(await json("get", "port")).toEqual({ value: "80", secret: false });
    await on("two", "rm-all", "port", "key", "nothing");
    await on("two", "set-all", "--json", '{"lab:again":{"value":"1","secret":false}}');
    expect(Object.keys(await json()).sort()).toEqual(["lab:again", "lab:server", "other:x"]);
    for (const [args, problem] of [
      [["set-all", "--plaintext", "nothing"], "[key]=[value]"],
      [["set", "n", "x", "--type", "int"], "the value of n is not of type int"],
      [["set-all", "--json", "{"], "could not parse --json"],
      [["cp", "--dest", "two"], "are the same"],
    ] as const) {
      const ran = await vmcluster.run(["config", ...args, "--stack", "two"]);
      expect(ran.code).toBe(1);
      expect(ran.stderr).toContain(problem);
    }
  });

  it("keeps secrets out of the file and out of lists", async () => {
    await vmcluster.run(["config", "set", "--secret", "password"], { input: "hush hush\n" });
    expect(file()).toMatch(/lab:password:\n\s+secure: v1:/);
    expect(file()).not.toContain("hush");
    expect((await vmcluster.ok("config")).stdout).toContain("[secret]");
    expect((await vmcluster.ok("config", "ls", "--show-secrets")).stdout).toContain("hush hush");
    expect((await vmcluster.ok("config", "get", "password")).stdout).toBe("hush hush\n");
  });
});

it.each([
  [
    ["import", "t:t:T", "n", "i", "--yes", "--preview-only"],
    1,
    "--yes and --preview-only cannot be used together",
  ],
  [["import", "t:t:T", "n", "i"], 2, "--yes must be passed in"],
  [["import", "t:t:T", "n"], 1, "an inline resource must be specified"],
  [["import", "t:t:T", "n", "i", "--protect=maybe"], 1, "It must be true or false"],
  [["import", "t:t:T", "n", "i", "--parent", "x"], 1, "expected a URN but got 'x'"],
])("refuses %j with %i before anything begins", async (args, code, problem) => {
  vmcluster.write("");
  const ran = await vmcluster.run(args);
  expect(ran.code).toBe(code);
  expect(ran.stderr).toContain(problem);
});

describe("the passphrase", () => {
  beforeEach(() => vmcluster.write(""));
  const file = (): string => join(vmcluster.home, "passphrase");

  it("is made at first use, for its owner's eyes only, and stays", async () => {
    await Promise.all([1, 2, 3].map((n) => vmcluster.ok("stack", "init", `s${n}`)));
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    const first = readFileSync(file(), "utf8");
    expect(first.trim().length).toBeGreaterThan(40);
    await vmcluster.ok("config", "set", "--secret", "a", "b", "-s", "s1");
    expect(readFileSync(file(), "utf8")).toBe(first);
  });

  it("is not made where one is given", async () => {
    const env = { PULUMI_CONFIG_PASSPHRASE: "" };
    expect((await vmcluster.run(["config", "set", "--secret", "a", "b"], { env })).code).toBe(0);
    expect(existsSync(file())).toBe(false);
    const wrong = await vmcluster.run(["config", "get", "a"], { env: { PULUMI_CONFIG_PASSPHRASE: "other" } });
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toMatch(/passphrase/);
  });

  it("may be in a file, which must be there", async () => {
    mkdirSync(vmcluster.home);
    const ran = await vmcluster.run(["stack", "init", "x"], {
      env: { PULUMI_CONFIG_PASSPHRASE_FILE: "/nowhere/at/all" },
    });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("PULUMI_CONFIG_PASSPHRASE_FILE: /nowhere/at/all does not exist");
  });
});
