import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nodeImageId } from "../../../machine/image/ensure";
import { record, spec } from "../../machine/temporaryHome";
import { CommandUnderTest, compile } from "../command";

jest.setTimeout(120_000);

let vmcluster: CommandUnderTest;
beforeAll(() => {
  // The images of these tests are in their own homes.
  delete process.env.VMCLUSTER_IMAGES;
  compile();
});
beforeEach(() => {
  vmcluster = new CommandUnderTest();
});
afterEach(() => vmcluster.clean());

/** A machine as after its emulator ended. */
function stoppedMachine(): void {
  const dir = join(vmcluster.home, "machines/vm1");
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, "disk.qcow2"), "");
  writeFileSync(join(dir, "console.log"), "Booting\r\n\u001b[1mReady\u001b[0m\r\n");
  writeFileSync(join(dir, "machine.json"), JSON.stringify(record()));
}

function image(): void {
  const dir = join(vmcluster.home, "images", `node-${nodeImageId("trixie")}`);
  mkdirSync(dir, { recursive: true });
  for (const name of ["vmlinuz", "initrd", "disk.qcow2"]) writeFileSync(join(dir, name), "");
  writeFileSync(join(dir, "image.json"), '{"suite":"trixie","images":["vmcluster.internal/web:1"]}');
}

const stdin = (value: unknown): { input: string } => ({ input: JSON.stringify(value) });

it("lists machines for people and for programs", async () => {
  expect((await vmcluster.ok("machine", "ls")).stdout).toBe("(none)\n");
  expect(JSON.parse((await vmcluster.ok("machine", "ls", "--format", "json")).stdout)).toEqual([]);
  stoppedMachine();
  expect(JSON.parse((await vmcluster.ok("machine", "ls", "--format", "json")).stdout)).toEqual([
    {
      name: "vm1",
      cluster: "blue",
      driver: "qemu",
      state: "stopped",
      address: "127.9.8.7",
      privateAddress: "192.168.56.11",
      cpus: 1,
      memory: 1024,
      url: "ssh://root@127.9.8.7:2222",
      active: false,
      swarm: "",
      docker: "",
      error: "",
      diskSize: null,
      diskFree: null,
      memoryFree: null,
    },
  ]);
  expect((await vmcluster.ok("machine", "ls")).stdout).toMatch(/^NAME +CLUSTER.*\nvm1 +blue +qemu +stopped/);
});

it("prints address, record and console of a machine", async () => {
  stoppedMachine();
  expect((await vmcluster.ok("machine", "ip", "vm1")).stdout).toBe("127.9.8.7\n");
  expect((await vmcluster.ok("machine", "logs", "vm1")).stdout).toBe("Booting\nReady\n");
  expect(JSON.parse((await vmcluster.ok("machine", "inspect", "vm1")).stdout)).toMatchObject([
    { machineId: record().machineId, state: "stopped", files: { dir: join(vmcluster.home, "machines/vm1") } },
  ]);
});

it.each([
  ["ip", "nope"],
  ["logs", "../etc"],
  ["start", "nope"],
  ["ssh", "nope"],
  ["rm", "nope"],
])("machine %s %s: says that there is none", async (...args) => {
  const ran = await vmcluster.run(["machine", ...args]);
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toMatch(
    /^error: there is no machine "(nope|\.\.\/etc)"\n {2}vmcluster machine ls shows/,
  );
});

it("does not log in to a machine that is not running", async () => {
  stoppedMachine();
  const ran = await vmcluster.run(["machine", "ssh", "vm1", "--", "true"]);
  expect(ran.code).toBe(1);
  expect(ran.stderr).toMatch(/"vm1" is not running\n {2}vmcluster machine start vm1/);
});

it("tells programs the condition of machines, or why they cannot be made, as one line of JSON", async () => {
  image();
  stoppedMachine();
  const asked = await vmcluster.run(
    ["machine", "status"],
    stdin([spec({ ports: [4000] }), spec({ name: "vm2" })]),
  );
  expect(asked.code).toBe(0);
  expect(asked.stdout).toMatch(/^[^\n]*\n$/);
  const swarmSshConfig = expect.stringMatching(/\/machines\/\.blue\.ssh_config$/);
  expect(JSON.parse(asked.stdout)).toEqual({
    machines: {
      vm1: {
        condition: "repair 1: stopped",
        machine: expect.objectContaining({ name: "vm1" }),
        swarmSshConfig,
      },
      vm2: { condition: "ok", swarmSshConfig },
    },
  });
  const refused = await vmcluster.run(["machine", "status"], stdin([{ name: "vm3", cluster: "a/b" }]));
  expect(refused.code).toBe(0);
  expect(JSON.parse(refused.stdout).error).toMatch(/"vm3": cluster: "a\/b"/);
});

it("removes by name what exists, with -f without asking and whether it exists or not", async () => {
  stoppedMachine();
  const unasked = await vmcluster.run(["machine", "rm", "vm1"]);
  expect(unasked.code).toBe(1);
  expect(unasked.stderr).toMatch(
    /asks before it removes\n.*vm1 \(cluster "blue"; it was made by hand[\s\S]*-f/,
  );
  for (const verb of ["status", "rm"])
    expect(await vmcluster.run(["machine", verb], { input: "" })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`vmcluster machine ${verb} NAME`),
    });
  expect((await vmcluster.run(["machine", "rm", "-f", "vm1", "vm9"])).code).toBe(0);
  expect((await vmcluster.ok("machine", "ls")).stdout).toBe("(none)\n");
});

it("removes for programs by spec, also what is gone", async () => {
  stoppedMachine();
  for (let time = 0; time < 2; time++) {
    expect(await vmcluster.run(["machine", "rm"], stdin(spec()))).toMatchObject({ code: 0, stdout: "" });
  }
  expect((await vmcluster.ok("machine", "ls")).stdout).toBe("(none)\n");
});

it("lists node images with the machines that use them, and refuses suites it cannot build", async () => {
  image();
  expect(JSON.parse((await vmcluster.ok("image", "ls", "--format", "json")).stdout)).toMatchObject([
    {
      id: nodeImageId("trixie"),
      kind: "built",
      source: "Debian trixie",
      machines: [],
      images: ["vmcluster.internal/web:1"],
    },
  ]);
  expect((await vmcluster.run(["image", "ensure"], stdin({ suite: "trixie" }))).stdout).toBe(
    `{"image":"${nodeImageId("trixie")}"}\n`,
  );
  const refused = await vmcluster.run(["image", "ensure"], stdin({ suite: "warty" }));
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toMatch(/warty[\s\S]*trixie/);
});
