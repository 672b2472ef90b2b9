/**
 * A machine from a pulled image, for real: five minutes with KVM or on an idle emulated host, ten or more on a busy one. The guest
 * installs Docker from its own package sources, so it needs the network; `npm run test:cloudimage` runs it.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serviceImageRefs } from "../../images/refs";
import { Vmcluster } from "../e2e/vmcluster";
import { FileServer } from "../machine/image/pull/fileServer";
import { standIn } from "./standIn";

jest.setTimeout(40 * 60_000);

const folder = mkdtempSync(join(tmpdir(), "vmcluster-cloudimage-"));
const vmcluster = new Vmcluster(folder, "cloudImage");
// Images of its own, so that what is pulled and pruned is no one else's; the guest reaches its package sources.
vmcluster.extra = { VMCLUSTER_IMAGES: join(vmcluster.home, "images"), VMCLUSTER_ISOLATED: "" };
const server = new FileServer();
let checksum = "";

beforeAll(async () => {
  server.content = readFileSync(await standIn());
  checksum = `sha512:${createHash("sha512").update(server.content).digest("hex")}`;
  await server.start();
});
afterAll(async () => {
  await vmcluster.clean();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const gib = async (): Promise<number> =>
  Number(await vmcluster.on("vm1", "df --output=size --block-size=1M / | tail -1")) / 1024;

it("pulls it, going on after it was killed", async () => {
  const pull = ["image", "pull", server.url("/cloud-amd64.qcow2").href, "--checksum", checksum];
  server.pause = 20;
  await vmcluster.killAt(/\d+ of \d+ MiB/, true, ...pull);
  server.pause = 0;
  expect((await vmcluster.ok(...pull, "--name", "cloud")).stdout).toBe("cloud\n");
  const [first, second] = server.requests.map(({ headers }) => headers.range);
  expect(first).toBeUndefined();
  expect(second).toMatch(/^bytes=[1-9]\d+-$/);
});

it("makes a machine of it: name, key, addresses and disk are as ordered, and Docker runs containers' images", async () => {
  await vmcluster.ok("machine", "create", "vm1", "--image", "cloud", "--disk", "8", "--cluster", "blue");
  expect(await vmcluster.on("vm1", "hostname")).toBe("vm1");
  expect(await vmcluster.on("vm1", "cloud-init status")).toBe("status: done");
  expect(await vmcluster.on("vm1", "ip -br -4 address show eth1")).toMatch(/192\.168\.56\.\d+\/24/);
  expect(await vmcluster.on("vm1", "docker info --format '{{.Name}}'")).toBe("vm1");
  expect(await gib()).toBeGreaterThan(7);
});

it("is given a larger disk, another address and a service image", async () => {
  const image = serviceImageRefs().redis;
  const spec = { name: "vm1", cluster: "blue", image: "cloud", disk: 10, images: [image] };
  await vmcluster.pipe(JSON.stringify({ ...spec, privateAddress: "192.168.56.77" }), "machine", "apply");
  expect(await gib()).toBeGreaterThan(9);
  expect(await vmcluster.on("vm1", "ip -br -4 address show eth1")).toContain("192.168.56.77/24");
  expect(await vmcluster.on("vm1", `docker run --rm --entrypoint redis-server ${image} --version`)).toMatch(
    /Redis server/,
  );
});

it("keeps its image as long as it lives", async () => {
  expect((await vmcluster.ok("image", "prune", "--all", "--dry-run")).stdout).not.toContain("image cloud");
  expect((await vmcluster.run("image", "rm", "cloud")).stderr).toMatch(/is in use[\s\S]*vm1/);
  await vmcluster.ok("machine", "rm", "-y", "vm1");
  expect((await vmcluster.ok("image", "prune", "--all")).stdout).toMatch(/removed image cloud/);
});
