/** No difference for ever: what every argument makes is, for the next preview, what was asked for. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  type EngineEvent,
  initStack,
  type Operation,
  type OperationResult,
  preview,
  refresh,
  up,
} from "../../../engine";
import { dockerProvider } from "../../../providers/docker/provider";
import { listen, type Served } from "../../../providers/rpc/serve";
import { DockerDaemon } from "../../providers/dockerDaemon";
import { cases } from "./cases";

jest.setTimeout(180_000);

const checkout = resolve(__dirname, "../../..");
const projectDir = mkdtempSync(join(tmpdir(), "vmcluster-arguments-"));
let daemon: DockerDaemon;
let provider: Served;

beforeAll(async () => {
  daemon = await DockerDaemon.start();
  await daemon.makeImage("test:1");
  process.env.DOCKER = daemon.host;
  writeFileSync(join(projectDir, "Pulumi.yaml"), "name: arguments\nruntime: nodejs\nmain: index.ts\n");
  writeFileSync(join(projectDir, "package.json"), "{}");
  writeFileSync(
    join(projectDir, "index.ts"),
    `import "${checkout}/test/components/service/everyArgument";\n`,
  );
  symlinkSync(join(checkout, "node_modules"), join(projectDir, "node_modules"));
  provider = await listen(dockerProvider());
  process.env.PULUMI_DEBUG_PROVIDERS = `docker:${provider.port}`;
  await initStack(options);
});

afterAll(async () => {
  delete process.env.PULUMI_DEBUG_PROVIDERS;
  await provider?.close();
  await daemon?.remove();
  rmSync(projectDir, { recursive: true, force: true });
});

const options = { projectDir, stack: "dev", backendDir: join(projectDir, "home"), passphrase: "test" };

async function run(operation: Operation): Promise<OperationResult & { said: string[] }> {
  const said: string[] = [];
  const onEvent = (event: EngineEvent): void => {
    if (event.kind === "diagnostic" && event.severity !== "debug") said.push(event.message);
  };
  return { ...(await operation({ ...options, onEvent })), said };
}

const file = { id: "i", name: "n", target: "t" };
const all = cases({ networkId: "n", secret: () => file, config: () => file });

it("has a case for every argument", () => {
  const source = readFileSync(join(checkout, "components/service/args.ts"), "utf8");
  const [, fields] = /interface ServiceArgs \{([\s\S]*?)\n\}/.exec(source) ?? [];
  const names = [...(fields ?? "").matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name);
  const used = new Set(["image", "serviceName", ...Object.values(all).flatMap(Object.keys)]);
  expect([...used].sort()).toEqual(names.sort());
});

it("has nothing to change after an up, and after a refresh", async () => {
  const made = await run(up);
  expect(made).toMatchObject({ result: "succeeded", said: [] });
  const services = (await daemon.docker("service", "ls", "-q")).split("\n").length;
  expect(services).toBe(Object.keys(all).length);
  expect((await run(preview)).changes).toEqual({ same: made.changes.create });
  const read = await run(refresh);
  expect(read).toMatchObject({ result: "succeeded", said: [] });
  expect((await run(preview)).changes).toEqual({ same: made.changes.create });
});
