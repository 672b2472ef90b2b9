import { checkSpec, readQuestions, readSpec } from "../../machine/readSpec";
import { message } from "../refusal";

it("fills in what is left out", () => {
  expect(checkSpec({ name: "vm1", cluster: "blue" })).toEqual({
    name: "vm1",
    cluster: "blue",
    driver: "qemu",
    cpus: 1,
    memory: 1024,
    disk: 10,
    subnet: "192.168.56.0/24",
    ports: [],
    images: [],
    suite: "trixie",
  });
});

it.each([
  [{ memory: 12 }, /^machine "vm1": memory: 12 .*512/],
  [{ cpus: 0 }, /cpus: 0 .*1/],
  [{ cpus: 1.5 }, /cpus: 1\.5/],
  [{ disk: 1 }, /disk: 1 .*4/],
  [{ driver: "hyperv" }, /driver: "hyperv" .*qemu/],
  [{ cluster: "a/b" }, /cluster: "a\/b" .*letters/],
  [{ ports: [80, 70000] }, /ports\.1: 70000 .*65535/],
  [{ ports: [80, 80] }, /ports: 80 .*twice/],
  [{ ports: [2222] }, /ports: 2222 .*SSH/],
  [{ ports: [22] }, /ports: 22 .*sshd, which is forwarded from 2222/],
  [{ ports: [2377] }, /ports: 2377 .*managers of a swarm/],
  [{ ports: [4000, 7946, 4789] }, /ports: 7946 .*gossip.*ports: 4789 .*overlay/],
  [{ memry: 1024 }, /memry/],
  [{ subnet: "10.0.0.0/8" }, /subnet: "10\.0\.0\.0\/8" .*10\.0\.2\.0/],
  [{ subnet: "192.168.56.0/31" }, /subnet: .*prefix/],
  [{ privateAddress: "10.1.1.1" }, /privateAddress: "10\.1\.1\.1" .*192\.168\.56\.0\/24/],
  [{ privateAddress: "192.168.56.255" }, /privateAddress: "192\.168\.56\.255"/],
  [{ image: "debian-13", suite: "trixie" }, /image: "debian-13" .*suite "trixie".*one or the other/],
  [{ image: "https://images.example/a.qcow2" }, /imageChecksum: missing .*sha256/],
  [{ image: "https://images.example/a", imageChecksum: "sha256:12" }, /imageChecksum: "sha256:12"/],
  [{ image: "https://", imageChecksum: "sha256:12" }, /image: "https:\/\/" .*a URL/],
  [{ image: "debian-13", imageChecksum: `sha256:${"a".repeat(64)}` }, /imageChecksum: .*given by its URL/],
  [{ imageChecksum: "sha256:12" }, /imageChecksum: "sha256:12" .*image, which is missing/],
  [{ image: "debian-13", driver: "virtualbox" }, /image: "debian-13" .*virtualbox driver.*qemu/],
  [{ suite: "trixie main" }, /suite: "trixie main"/],
  [{ images: ["nginx:latest"] }, /images\.0: "nginx:latest"/],
])("refuses %j, naming the field, the value and what is allowed", (wrong, expected) => {
  expect(message(() => checkSpec({ name: "vm1", cluster: "blue", ...wrong }))).toMatch(expected);
});

const host = { driver: "generic", host: "10.0.0.5" };

it("takes an existing host with what only such a one has", () => {
  const more = {
    sshUser: "ada",
    sshPort: 2201,
    identity: "~/.ssh/id",
    leaveSwarm: true,
    privateAddress: "10.0.2.15",
  };
  expect(checkSpec({ name: "h1", cluster: "blue", ...host, ...more })).toMatchObject({ ...host, ...more });
});

it.each([
  [{ driver: "generic" }, /host: missing/],
  [{ ...host, host: "-oProxyCommand=x" }, /host: "-oProxyCommand=x" .*name or an IP address/],
  [{ ...host, host: "a b" }, /host: "a b"/],
  [{ ...host, sshUser: "-l" }, /sshUser: "-l" .*user/],
  [{ ...host, sshPort: 0 }, /sshPort: 0/],
  [{ ...host, identity: "id" }, /identity: "id" .*\//],
  [{ ...host, hostKey: "ssh-rsa AAAA" }, /hostKey: .*ed25519/],
  [{ ...host, memory: 2048 }, /memory: 2048 .*leave it out/],
  [{ ...host, ports: [80] }, /ports: \[80\]/],
  [{ host: "10.0.0.5" }, /host: "10\.0\.0\.5" .*only the generic driver.*qemu/],
  [{ driver: "virtualbox", sshUser: "ada" }, /sshUser: "ada" .*virtualbox/],
])("refuses %j of drivers that do not take it", (wrong, expected) => {
  expect(message(() => checkSpec({ name: "vm1", cluster: "blue", ...wrong }))).toMatch(expected);
});

it("tells all wrong fields at once, in one line", () => {
  const said = message(() => checkSpec({ name: "vm1", cluster: "blue", cpus: 0, memory: 1 }));
  expect(said).toMatch(/cpus: 0.*memory: 1/);
  expect(said).not.toContain("\n");
});

it("says when the input is not JSON", () => {
  expect(message(() => readSpec("{"))).toMatch(/not JSON/);
});

it("reads arrays of specs, and refuses names and addresses used twice", () => {
  const one = { name: "vm1", cluster: "blue", privateAddress: "192.168.56.11" };
  expect(readQuestions("[]")).toEqual([]);
  expect(readQuestions(JSON.stringify([one])).map((spec) => spec.name)).toEqual(["vm1"]);
  expect(message(() => readQuestions(JSON.stringify([one, one])))).toMatch(/"vm1".*two machines/);
  expect(message(() => readQuestions(JSON.stringify([one, { ...one, name: "vm2" }])))).toMatch(
    /192\.168\.56\.11/,
  );
  expect(message(() => readQuestions("{}"))).toMatch(/array/);
});
