import { readFileSync } from "node:fs";
import { ensurePlainImage, type PlainHost, PlainHosts } from "./plainHosts";
import { Vmcluster } from "./vmcluster";

/**
 * Two Debian hosts without Docker become machines, form a swarm, and are left as they were. Docker's packages come from the mirror that the
 * hosts' image was built from, through QEMU's user network. Eight minutes without KVM.
 */
jest.setTimeout(30 * 60_000);

const hosts = new PlainHosts();
const vmcluster = new Vmcluster(hosts.folder, "generic");
let [h1, h2]: PlainHost[] = [];

afterAll(async () => {
  await vmcluster.clean();
  hosts.stop();
});

const create = (host: PlainHost, ...more: string[]): string[] => [
  ...["machine", "create", host.name, "--driver", "generic", "--host", host.address, "--ssh-port", "2222"],
  ...[
    "--private-address",
    host.privateAddress,
    ...(more.includes("--identity") ? [] : ["--identity", hosts.identity]),
  ],
  ...more,
];

const refused = async (...args: string[]): Promise<string> => {
  const ran = await vmcluster.run(...args);
  expect(ran.code).toBe(1);
  return ran.stderr;
};

const packagesOf = (host: PlainHost): Promise<string> =>
  hosts.on(host, "dpkg -l | sed -n 's/^ii *\\([^ ]*\\).*/\\1/p'");

let before = "";

beforeAll(async () => {
  const image = await ensurePlainImage();
  [h1, h2] = [await hosts.boot(1, image), await hosts.boot(2, image)];
});

it("refuses a wrong key and a user without sudo, and leaves no machine", async () => {
  const host = h1 as PlainHost;
  expect(await refused(...create(host, "--identity", hosts.stranger))).toMatch(/login is refused/);
  expect(await refused(...create(host, "--ssh-user", "bob"))).toMatch(
    /sshUser: "bob"[\s\S]*without a password/,
  );
  const key = readFileSync(`${hosts.stranger}.pub`, "utf8").trim();
  expect(await refused(...create(host, "--host-key", key))).toMatch(/is not the pinned one/);
  expect(vmcluster.machineFolders()).toEqual([]);
  before = await packagesOf(host);
});

it("installs Docker as root and as a user with sudo, and names the port that a firewall drops", async () => {
  const [one, two] = [h1 as PlainHost, h2 as PlainHost];
  await hosts.on(two, "iptables -I INPUT -p udp --dport 4789 -j DROP");
  const ran = await Promise.all([
    vmcluster.run(...create(one)),
    vmcluster.run(...create(two, "--ssh-user", "ada")),
  ]);
  // The one that is ready later finds it.
  expect(ran.map(({ code }) => code).sort()).toEqual([0, 1]);
  const said = ran.map(({ stderr }) => stderr).join("");
  expect(said).toContain(`from h1 to h2 (${two.privateAddress}): 4789/udp`);
  expect(said).not.toContain("from h2 to h1");
  expect(await hosts.on(one, "pgrep -f vmcluster-port-check || true")).toBe("");
  await hosts.on(two, "iptables -D INPUT -p udp --dport 4789 -j DROP");
  await vmcluster.ok("machine", "provision", "h1", "h2");
  for (const name of ["h1", "h2"]) expect(await vmcluster.on(name, "docker", "ps", "-q")).toBe("");
});

it("forms a swarm, and refuses its member as another machine", async () => {
  const [one] = [h1 as PlainHost];
  await vmcluster.on("h1", `docker swarm init --advertise-addr ${one.privateAddress} >&2`);
  const token = await vmcluster.on("h1", "docker swarm join-token -q worker");
  await vmcluster.on("h2", `docker swarm join --token ${token} ${one.privateAddress}:2377`);
  expect(await vmcluster.on("h1", "docker node ls -q | wc -l")).toBe("2");
  const again = { ...one, name: "h3" };
  expect(await refused(...create(again))).toMatch(/another vmcluster machine/);
  expect(await refused("machine", "stop", "h1")).toMatch(/not stopped from here/);
});

it("leaves a host as it was", async () => {
  await vmcluster.ok("machine", "rm", "-y", "h2", "h1");
  expect(await packagesOf(h1 as PlainHost)).toBe(before);
  expect(await hosts.on(h2 as PlainHost, "id -nG ada; ls /var/lib/docker 2>&1 || true")).not.toMatch(
    /docker$/m,
  );
  expect(vmcluster.machineFolders()).toEqual([]);
});
