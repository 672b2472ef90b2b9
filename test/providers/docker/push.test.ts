/** Pushes of a real daemon to a real registry that is not there yet. */
import { EventEmitter, once } from "node:events";
import { quietly } from "../../../cli/swarm/swarm";
import { DockerApi } from "../../../providers/docker/api";
import { pushImage } from "../../../providers/docker/push";
import { startRegistry } from "../../components/image/publishing";
import { DockerDaemon } from "../dockerDaemon";

jest.setTimeout(180_000);

const name = "127.0.0.1:5000/app:1";
let daemon: DockerDaemon;
let api: DockerApi;

beforeAll(async () => {
  daemon = await DockerDaemon.start();
  await daemon.makeImage(name);
  api = new DockerApi({ kind: "unix", socket: daemon.socket });
});
afterAll(async () => {
  api.close();
  await daemon.remove();
});

const { signal } = new AbortController();

it("says why nothing can be pushed to a registry that does not come", async () => {
  const pushed = pushImage(api, name, {}, quietly(signal), 2000);
  await expect(pushed).rejects.toThrow(
    /^127\.0\.0\.1:5000\/app:1 cannot be pushed\n.*connect: connection refused/,
  );
});

it("waits for one that is just starting", async () => {
  const waiting = new EventEmitter();
  const waits = once(waiting, "said");
  const pushed = pushImage(
    api,
    name,
    {},
    quietly(signal, (said) => {
      if (said.startsWith("waiting for the registry of")) waiting.emit("said", said);
    }),
  );
  expect(String(await waits)).toContain("connection refused");
  await startRegistry(daemon);
  expect(await pushed).toMatch(/^sha256:[0-9a-f]{64}$/);
});
