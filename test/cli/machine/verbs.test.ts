import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { each } from "../../../cli/machine/each";
import { machineFiles } from "../../../machine/paths";
import { writeMachine } from "../../../machine/store";
import { record, spec, useTemporaryHome } from "../../machine/temporaryHome";
import { compile } from "../command";
import { machine } from "./parse";

jest.setTimeout(120_000);

const home = useTemporaryHome();
beforeAll(compile);

/** Machines as after a reboot of the host. */
function stopped(...names: string[]): void {
  for (const name of names) {
    writeMachine(record({ spec: spec({ name, cluster: name === "db" ? "green" : "blue" }) }));
    writeFileSync(machineFiles(name).disk, "");
  }
}

afterEach(() => {
  process.exitCode = 0;
});

it.each([
  ["start", "nope"],
  ["stop", "nope"],
  ["kill", "nope"],
  ["restart", "nope"],
  ["rm", "nope"],
  ["provision", "nope"],
  ["upgrade", "nope"],
  ["trim", "nope"],
  ["status", "nope"],
  ["ip", "nope"],
  ["url", "nope"],
  ["inspect", "nope"],
  ["logs", "nope"],
  ["ssh", "nope", "true"],
  ["scp", "nope:/etc/hosts", "."],
  ["env", "nope"],
  ["config", "nope"],
  ["context", "nope"],
  ["ssh-config", "nope"],
])("%s %s: says that there is none, and which there are", (...args) => {
  stopped("vm1", "vm2");
  const before = readdirSync(home(), { recursive: true }).sort();
  const { error } = machine(...args);
  expect(error).toBe('there is no machine "nope"\n  there are: vm1, vm2\n  vmcluster machine ls shows them');
  expect(readdirSync(home(), { recursive: true }).sort()).toEqual(before);
});

it("names all machines that there are not, and does nothing to those there are", () => {
  stopped("vm1");
  const { error } = machine("rm", "-y", "vm1", "a", "../b");
  expect(error).toMatch(/^there are no machines "a", "\.\.\/b"\n {2}there are: vm1\n/);
  expect(machine("ls", "-q").stdout).toBe("vm1\n");
});

it.each([
  [["ssh", "vm1", "true"]],
  [["env", "vm1"]],
  [["config", "vm1"]],
  [["upgrade", "vm1"]],
  [["scp", "vm1:/etc/hosts", "."]],
])("%j: says that the machine does not run, and how to start it", (args) => {
  stopped("vm1");
  expect(machine(...args).error).toBe('machine "vm1" is not running\n  vmcluster machine start vm1');
});

it("lists machines that a filter lets through", () => {
  stopped("vm1", "vm2", "db");
  const names = (...filters: string[]): string =>
    machine("ls", "-q", ...filters.flatMap((filter) => ["--filter", filter]))
      .stdout.trim()
      .replaceAll("\n", " ");
  expect(names()).toBe("db vm1 vm2");
  expect(names("name=^vm")).toBe("vm1 vm2");
  expect(names("name=1$", "name=db")).toBe("db vm1");
  expect(names("name=1$", "cluster=green")).toBe("");
  expect(names("state=Stopped", "driver=qemu", "cluster=green")).toBe("db");
  expect(names("state=running")).toBe("");
});

it.each([
  ["state", /must be KEY=VALUE/],
  ["size=3", /cannot be filtered by "size"/],
  ["state=asleep", /running, paused, stopped, absent/],
  ["driver=vmware", /there are: qemu/],
  ["name=[", /no regular expression/],
])("ls --filter %s: says what is wrong", (filter, reason) => {
  expect(machine("ls", "--filter", filter).error).toMatch(reason);
});

it("tells the state of one machine as a word, of several with their names", () => {
  stopped("vm1", "vm2");
  expect(machine("status", "vm1").stdout).toBe("stopped\n");
  expect(machine("status", "vm1", "vm2").stdout).toBe("vm1 stopped\nvm2 stopped\n");
});

it("prints the URL for DOCKER_HOST, and which machine has it", () => {
  stopped("vm1");
  const url = "ssh://root@127.9.8.7:2222";
  expect(machine("url", "vm1").stdout).toBe(`${url}\n`);
  process.env.DOCKER_HOST = url;
  expect(machine("active").stdout).toBe("vm1\n");
  process.env.DOCKER_HOST = "ssh://elsewhere";
  expect(machine("active").error).toMatch(/no machine is active\n {2}docker talks to ssh:\/\/elsewhere/);
  delete process.env.DOCKER_HOST;
  process.env.DOCKER_CONFIG = home();
  expect(machine("active").error).toMatch(/DOCKER_HOST is not set/);
  delete process.env.DOCKER_CONFIG;
});

it("undoes env without any machine", () => {
  const { stdout } = machine("env", "--shell", "bash", "-u");
  expect(stdout).toMatch(/^unset DOCKER_HOST$/m);
  expect(machine("env").error).toMatch(/needs the name of a machine, or -u/);
  expect(machine("env", "--shell", "tcsh", "-u").error).toMatch(/'tcsh' is invalid[\s\S]*fish/);
});

it.each([
  [["a", "b"], /neither a nor b is on a machine/],
  [["", "vm1:"], /a path to copy is empty/],
])("scp %j: says what is wrong", (args, reason) => {
  stopped("vm1");
  expect(machine("scp", ...args).error).toMatch(reason);
});

it("does not create a machine that exists, nor any other named with it", () => {
  stopped("vm1");
  const { error } = machine("create", "vm0", "vm1");
  expect(error).toMatch(/^machine "vm1" exists already\n {2}it was made by hand.*\n {2}choose another name/);
  expect(machine("ls", "-q").stdout).toBe("vm1\n");
});

describe("several at once", () => {
  it("go on when one fails, whose error has its name", async () => {
    const told = jest.spyOn(process.stderr, "write").mockReturnValue(true);
    const done: string[] = [];
    await each(["a", "b", "c", "a"], async (name) => {
      if (name === "b") throw new Error("broken");
      done.push(name);
    });
    const text = told.mock.calls.join("");
    told.mockRestore();
    expect(done).toEqual(["a", "c"]);
    expect(text).toMatch(/^b: error: Error: broken/);
    expect(process.exitCode).toBe(1);
  });

  it("leave the error of a single one as it is", async () => {
    await expect(each(["a"], () => Promise.reject(new Error("broken")))).rejects.toThrow(/^broken$/);
  });
});

it("prints the ssh configuration of machines as it is kept", () => {
  stopped("vm1");
  mkdirSync(join(home(), "machines", "vm1"), { recursive: true });
  writeFileSync(machineFiles("vm1").sshConfig, "Host vm1\n");
  expect(machine("ssh-config").stdout).toBe("Host vm1\n");
  rmSync(machineFiles("vm1").sshConfig);
});
