import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../host/run";
import { fetchOnce, until } from "./http";
import { checkout, Vmcluster } from "./vmcluster";

/** A program of somebody else's, in a folder of its own, that installs the packed library: ten minutes without KVM. */
jest.setTimeout(20 * 60_000);

const folder = mkdtempSync(join(tmpdir(), "vmcluster-other-"));
const project = join(folder, "my swarm");
const vmcluster = new Vmcluster(project, "otherProgram");

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
  writeFileSync(
    join(project, "index.ts"),
    `import { OverlayNetwork, SwarmCluster, VisualizerService } from "vmcluster";

const cluster = new SwarmCluster("other", { nodeCount: 2, ports: [9090] });
const network = new OverlayNetwork("net", {}, cluster.onSwarm);
new VisualizerService("vis", { networkId: network.networkId, port: 9090 }, cluster.onSwarm);

export const addresses = cluster.nodes.apply((nodes) => nodes.map((node) => node.address));
`,
  );
  await run("npm", ["install", "--silent", "--no-audit", "--no-fund", tarball, "typescript@5.9"], {
    cwd: project,
  });
});

afterAll(async () => {
  await vmcluster.clean();
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

it("changes nothing the second time", async () => {
  const up = await vmcluster.ok("up", "--yes");
  expect(up.stdout).not.toMatch(/created|updated|deleted|replaced/);
});

it("goes down again and leaves nothing", async () => {
  await vmcluster.ok("destroy", "--yes");
  expect(vmcluster.processes()).toEqual([]);
  expect(vmcluster.machineFolders()).toEqual([]);
});
