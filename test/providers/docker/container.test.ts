import { dockerProvider } from "../../../providers/docker/provider";
import { type PropertyMap, Secret } from "../../../providers/rpc/values";
import { DockerDaemon } from "../dockerDaemon";
import { PluginClient, urn } from "../pluginClient";

let daemon: DockerDaemon;
let plugin: PluginClient;
jest.setTimeout(60_000);

const image = "vmcluster.internal/box:1";
const type = "docker:index/container:Container";

beforeAll(async () => {
  daemon = await DockerDaemon.start();
  await daemon.makeImage(image);
  plugin = await PluginClient.of(dockerProvider());
  await plugin.configure({ host: daemon.host });
});
afterAll(async () => {
  await plugin?.close();
  await daemon?.remove();
});

interface Made {
  readonly urn: string;
  readonly id: string;
  readonly inputs: PropertyMap;
  readonly outputs: PropertyMap;
}

async function make(news: PropertyMap): Promise<Made> {
  const resource = urn(type, "one");
  const inputs = await plugin.checked(resource, { image, ...news });
  return { urn: resource, inputs, ...(await plugin.create(resource, inputs)) };
}
const remove = (made: Made): Promise<void> => plugin.delete(made.urn, made.id, made.outputs);
const message = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: Error) => error.message,
  );

it("runs a job to its end, with the files that it got, and keeps what it printed", async () => {
  const made = await make({
    name: "job",
    command: ["cat", "/etc/given/file"],
    uploads: [{ file: "/etc/given/file", content: "what was given\n" }],
    attach: true,
    logs: true,
    mustRun: false,
  });
  expect(made.outputs).toMatchObject({ containerLogs: "what was given\n", exitCode: 0, mustRun: false });
  await remove(made);
  expect(await daemon.docker("ps", "-aq", "--filter", "name=job")).toBe("");
});

it("changes limits in place, and starts again what was stopped", async () => {
  const made = await make({ name: "kept" });
  const inputs = await plugin.checked(
    made.urn,
    { image, name: "kept", memory: 64, restart: "always" },
    made.inputs,
  );
  expect((await plugin.diff(made.urn, made.inputs, inputs, made.outputs)).replaces).toEqual([]);
  const outputs = await plugin.update(made.urn, made.id, made.inputs, made.outputs, inputs);
  expect(outputs).toMatchObject({ memory: 64, restart: "always" });
  await daemon.docker("stop", "-t", "0", "kept");
  const read = await plugin.read(made.urn, made.id, inputs, outputs);
  expect((await plugin.diff(made.urn, read.inputs, inputs, read.outputs)).detailed).toEqual({
    mustRun: "update",
  });
  const again = await plugin.update(made.urn, made.id, read.inputs, read.outputs, inputs);
  expect(again.mustRun).toBe(true);
  expect(await daemon.docker("inspect", "-f", "{{.State.Running}}", "kept")).toBe("true");
  await remove({ ...made, outputs: again });
});

it("leaves nothing of what fails while it is being made", async () => {
  expect(await message(make({ name: "broken", command: ["/none"] }))).toMatch(/no such file/);
  const sick = { tests: ["CMD", "false"], interval: "1s", retries: 1 };
  expect(await message(make({ name: "sick", wait: true, waitTimeout: 3, healthcheck: sick }))).toMatch(
    /the container is unhealthy after 3 s/,
  );
  expect(await daemon.docker("ps", "-aq")).toBe("");
});

it("says what to do about a name that is taken, and an image that is not there", async () => {
  const made = await make({ name: "taken" });
  expect(await message(make({ name: "taken" }))).toMatch(/exists already\n.*\n.*docker rm --force taken/);
  expect(await message(make({ name: "none", image: "127.0.0.1:1/none:1" }))).toMatch(
    /image 127.0.0.1:1\/none:1 is not here and cannot be pulled/,
  );
  await remove(made);
});

it("keeps secrets secret in what it gives out", async () => {
  const made = await make({ name: "secretive", envs: new Secret(["TOKEN=hidden"]), hostname: "shown" });
  expect(made.outputs.envs).toBeInstanceOf(Secret);
  expect(made.outputs.hostname).toBe("shown");
  await remove(made);
});
