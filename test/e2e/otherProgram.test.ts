import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { newestSdk } from "../../engine/sdk";
import { run } from "../../host/run";
import { BuildahStorage } from "../components/image/buildahStorage";
import { nodeProgram } from "../engine/installs";
import { fetchOnce, until } from "./http";
import { checkout, Vmcluster } from "./vmcluster";

/**
 * A program of somebody else's, in a folder of its own, that installs the packed library and, as with Node.js 22 and later, the
 * newest SDK: fifteen minutes without KVM.
 */
jest.setTimeout(25 * 60_000);

const folder = mkdtempSync(join(tmpdir(), "vmcluster-other-"));
const project = join(folder, "my swarm");
const vmcluster = new Vmcluster(project, "otherProgram");
const storage = new BuildahStorage();

beforeAll(async () => {
  mkdirSync(project);
  const packed = await run("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder], {
    cwd: checkout,
  });
  const tarball = join(folder, packed.stdout.trim().split("\n").at(-1) as string);
  writeFileSync(join(project, "Pulumi.yaml"), "name: other\nruntime: nodejs\n");
  writeFileSync(
    join(project, "package.json"),
    JSON.stringify({ name: "other", main: "index.ts", private: true }),
  );
  program("");
  const packages = [tarball, "typescript@5.9", `@pulumi/pulumi@${newestSdk}`];
  await run("npm", ["install", "--silent", "--no-audit", "--no-fund", ...packages], { cwd: project });
  await onNode(24);
});

/** From now on the command, its engine and the program run on this version. */
async function onNode(major: 22 | 24): Promise<void> {
  vmcluster.extra = { PATH: `${dirname(await nodeProgram(major))}${delimiter}${process.env.PATH}` };
}

/** Writes it, with something more in it. */
function program(more: string): void {
  writeFileSync(
    join(project, "index.ts"),
    `import * as lib from "vmcluster";
import { OverlayNetwork, SwarmCluster, VisualizerService } from "vmcluster";

const cluster = new SwarmCluster("other", { nodeCount: 2, ports: [9090, 9091] });
const network = new OverlayNetwork("net", {}, cluster.onSwarm);
new VisualizerService("vis", { networkId: network.networkId, port: 9090 }, cluster.onSwarm);

export const addresses = cluster.nodes.apply((nodes) => nodes.map((node) => node.address));
${more}
`,
  );
}

afterAll(async () => {
  await vmcluster.clean();
  storage.remove();
  rmSync(folder, { recursive: true, force: true });
});

it("comes up with the library from its tarball", async () => {
  await vmcluster.ok("up", "--yes");
  const addresses = await vmcluster.json<string[]>("stack", "output", "addresses", "--json");
  expect(addresses).toHaveLength(2);
  for (const address of addresses) {
    const state = await until(
      `the visualizer answers at ${address}`,
      120,
      async () =>
        JSON.parse((await fetchOnce(`http://${address}:9090/api/state`)).body) as {
          nodes: { name: string }[];
        },
    );
    expect(state.nodes.map(({ name }) => name).sort()).toEqual(["other1", "other2"]);
  }
});

it("changes nothing the second time, on another Node.js", async () => {
  await onNode(22);
  const up = await vmcluster.ok("up", "--yes");
  expect(up.stdout).not.toMatch(/created|updated|deleted|replaced/);
});

/** Its own registry, an image of the folder `site`, and a service of it. */
const images = (registryName: string, builder: string): string => `
const registry = new lib.RegistryService("registry", { manager: cluster.manager, serviceName: "${registryName}" }, cluster.onSwarm);
const site = new lib.ServiceImage("site", { context: "site", registry: registry.access, builder: "${builder}" }, cluster.onSwarm);
export const image = site.imageRef;
const quickly = { stopGracePeriod: "1s", updateConfig: { parallelism: 4, monitor: "1s" } };
new lib.SwarmService("site", { ...quickly, image, replicas: 4, ports: [{ target: 80, published: 9091 }] }, cluster.onSwarm);
`;

const addresses = (): Promise<string[]> => vmcluster.json("stack", "output", "addresses", "--json");

/** What all nodes serve at last. */
async function serves(page: string): Promise<void> {
  for (const address of await addresses())
    await until(`${address} serves ${page}`, 120, async () =>
      (await fetchOnce(`http://${address}:9091/`)).body === page ? true : undefined,
    );
}

it("builds an image on the manager, publishes it to its own registry, and runs it on all nodes by digest", async () => {
  const site = join(project, "site");
  mkdirSync(site);
  copyFileSync("/bin/busybox", join(site, "busybox"));
  writeFileSync(join(site, "index.html"), "one");
  writeFileSync(
    join(site, "Dockerfile"),
    'FROM scratch\nCOPY busybox /\nCOPY index.html /www/\nENTRYPOINT ["/busybox", "httpd", "-f", "-p", "80", "-h", "/www"]\n',
  );
  program(images("registry", "docker"));
  await vmcluster.ok("up", "--yes");
  await serves("one");
  const tasks = await vmcluster.on("other1", "docker service ps -f desired-state=running site");
  for (const node of ["other1", "other2"]) expect(tasks).toContain(node);
  expect(tasks).toContain("127.0.0.1:5000/site@sha256:");

  // Every node reaches the registry at its loopback address; this host, at the nodes' addresses, does not.
  const catalog = "busybox wget -qO- http://127.0.0.1:5000/v2/_catalog";
  expect(await vmcluster.on("other2", catalog)).toBe('{"repositories":["site"]}');
  for (const address of await addresses())
    await expect(fetchOnce(`http://${address}:5000/v2/`)).rejects.toThrow("ECONNREFUSED");
  await vmcluster.ok("preview", "--expect-no-changes");
});

it("rolls only the service whose image has other files, now by this host's Buildah, and keeps the registry's images when that is made anew", async () => {
  writeFileSync(join(project, "site/index.html"), "two");
  program(images("images", "buildah"));
  const { stdout } = await vmcluster.ok("up", "--yes");
  expect(stdout).toMatch(/site-image created/);
  expect(stdout).toMatch(/site-service updated/);
  expect(stdout).not.toMatch(/(vis-service|vm\d|node\d) (updated|replaced|deleted)/);
  await serves("two");
  const tags = "busybox wget -qO- http://127.0.0.1:5000/v2/site/tags/list";
  expect(await vmcluster.on("other2", tags)).toBe('{"name":"site","tags":["latest"]}');
  const image = await vmcluster.json<string>("stack", "output", "image", "--json");
  expect(image).toMatch(/^127\.0\.0\.1:5000\/site@sha256:/);
  await vmcluster.ok("preview", "--expect-no-changes");
});

it("goes down again and leaves nothing", async () => {
  await vmcluster.ok("destroy", "--yes", "--delete-data");
  expect(vmcluster.processes()).toEqual([]);
  expect(vmcluster.machineFolders()).toEqual([]);
});
