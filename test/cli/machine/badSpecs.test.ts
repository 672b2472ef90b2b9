import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile } from "../command";
import { machineCalls, type Parsed } from "./parse";

jest.setTimeout(120_000);

const long = "a".repeat(31);
const aName = /lower-case letters, digits and hyphens/;

/** Arguments of `machine create`, and what the one message must say. */
const bad: readonly (readonly [readonly string[], string, RegExp])[] = [
  [[""], '""', aName],
  [["VM1"], '"VM1"', aName],
  [["vm_1"], '"vm_1"', aName],
  [["--", "-vm"], '"-vm"', aName],
  [["vm-"], '"vm-"', aName],
  [["vm 1"], '"vm 1"', aName],
  [["vm.1"], '"vm.1"', aName],
  [[long], long, /1 to 30/],
  [["../vm1"], '"../vm1"', aName],
  [["/etc/passwd"], '"/etc/passwd"', aName],
  [["vm1;reboot"], '"vm1;reboot"', aName],
  [["$(reboot)"], '"$(reboot)"', aName],
  [["`reboot`"], '"`reboot`"', aName],
  [["vm'1"], `"vm'1"`, aName],
  [['vm"1'], '"vm\\"1"', aName],
  [["vm1\nvm2"], '"vm1\\nvm2"', aName],
  [["vmé"], '"vmé"', aName],
  [["*"], '"*"', aName],
  [["vm1", "vm2", "vm1"], '"vm1"', /named twice/],
  [["vm1", "VM2"], '"VM2"', aName],
  [[], "new-names", /missing required argument/],
  [["vm1", "--cpus", "0"], "cpus: 0", />=1/],
  [["vm1", "--cpus", "65"], "cpus: 65", /<=64/],
  [["vm1", "--cpus", "1.5"], "'1.5'", /whole number/],
  [["vm1", "--cpus", "two"], "'two'", /whole number/],
  [["vm1", "--cpus=-1"], "'-1'", /whole number/],
  [["vm1", "--memory", "511"], "memory: 511", />=512/],
  [["vm1", "--memory", "2t"], "'2t'", /MiB, or end in m or g/],
  [["vm1", "--memory", "1g;reboot"], "'1g;reboot'", /MiB, or end in m or g/],
  [["vm1", "--memory", "2000g"], "memory: 2048000", /<=1048576/],
  [["vm1", "--memory", "1000g"], "memory: 1024000 MiB", /more than this host's/],
  [["vm1", "--disk", "3"], "disk: 3", />=4/],
  [["vm1", "--disk", "70000"], "disk: 70000", /<=65536/],
  [["vm1", "--disk", "10m"], "'10m'", /GiB/],
  [["vm1", "--subnet", "192.168.56.0"], '"192.168.56.0"', /Invalid IPv4 range/],
  [["vm1", "--subnet", "192.168.300.0/24"], '"192.168.300.0/24"', /Invalid IPv4 range/],
  [["vm1", "--subnet", "192.168.56.0/24 && id"], '"192.168.56.0/24 && id"', /Invalid IPv4 range/],
  [["vm1", "--subnet", "192.168.56.0/30"], '"192.168.56.0/30"', /prefix must be from 8 to 29/],
  [["vm1", "--subnet", "10.0.0.0/16"], '"10.0.0.0/16"', /must not hold 10\.0\.2\.0/],
  [["vm1", "--private-address", "192.168.57.5"], '"192.168.57.5"', /host address of subnet/],
  [["vm1", "--private-address", "192.168.56.255"], '"192.168.56.255"', /host address of subnet/],
  [["vm1", "--private-address", "node1"], '"node1"', /IPv4/],
  [["vm1", "vm2", "--private-address", "192.168.56.9"], "192.168.56.9", /cannot be that of 2 machines/],
  [["vm1", "--port", "0"], "ports.0: 0", />=1/],
  [["vm1", "--port", "70000"], "ports.0: 70000", /<=65535/],
  [["vm1", "--port", "2222"], "2222", /forwarded SSH port/],
  [["vm1", "--port", "80x"], "'80x'", /whole number/],
  [["vm1", "--port", "4000,4000"], "4000", /listed twice/],
  [["vm1", "--cluster", "a/b"], 'cluster: "a/b"', aName],
  [["vm1", "--cluster", "$HOME"], 'cluster: "$HOME"', aName],
  [["vm1", "--driver", "vmware"], "'vmware'", /Allowed choices/],
  [["vm1", "--suite", "../trixie"], "'../trixie'", /Allowed choices/],
  [["vm1", "--image", "nosuch"], '"nosuch"', /none has been pulled\n.*image pull/],
  [["vm1", "--image", "a/b; reboot"], '"a/b; reboot"', /there is no image/],
  [["vm1", "--image", "debian", "--suite", "trixie"], '"debian"', /one or the other/],
  [["vm1", "--image", "debian", "-d", "virtualbox"], '"debian"', /virtualbox driver/],
  [["vm1", "--image", "https://images.invalid/a"], "imageChecksum: missing", /sha256/],
  [
    ["vm1", "--image", "ftp://images.invalid/a", "--image-checksum", `sha256:${"0".repeat(64)}`],
    '"ftp:',
    /https/,
  ],
  [["vm1", "--image-checksum", "sha256:0"], '"sha256:0"', /image, which is missing/],
  [["vm1", "--nonsense"], "'--nonsense'", /unknown option/],
];

let calls: Parsed[] = [];
let left: string[] = [];
beforeAll(() => {
  compile();
  const home = mkdtempSync(join(tmpdir(), "vmcluster-test-"));
  process.env.VMCLUSTER_HOME = home;
  delete process.env.VMCLUSTER_IMAGES;
  calls = machineCalls(bad.map(([args]) => ["create", ...args]));
  left = readdirSync(home);
  rmSync(home, { recursive: true });
});

it.each(bad.map((one, index) => [...one, index] as const))(
  "create %j: names what is wrong",
  (_, value, reason, index) => {
    const { error, stdout } = calls[index] ?? { error: "", stdout: "" };
    expect(error).toContain(value);
    expect(error).toMatch(reason);
    expect(error).not.toMatch(/\n\s+at /);
    expect(stdout).toBe("");
  },
);

it("has a message of its own for each", () => {
  expect(new Set(calls.map(({ error }) => error)).size).toBe(bad.length);
});

it("has made nothing", () => {
  expect(left).toEqual([]);
});
