import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { keptLogin } from "../../../providers/docker/dockerConfig";

let folder: string;
const { DOCKER_CONFIG, PATH } = process.env;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "vmcluster-docker-config-"));
  process.env.DOCKER_CONFIG = folder;
  process.env.PATH = `${folder}${delimiter}${PATH}`;
  const helper = join(folder, "docker-credential-test");
  await writeFile(
    helper,
    '#!/bin/sh\nread server\n[ "$server" = kept.example.org ] || exit 1\necho \'{"Username":"me","Secret":"from helper"}\'\n',
  );
  await chmod(helper, 0o755);
});
afterAll(async () => {
  if (DOCKER_CONFIG === undefined) delete process.env.DOCKER_CONFIG;
  else process.env.DOCKER_CONFIG = DOCKER_CONFIG;
  process.env.PATH = PATH;
  await rm(folder, { recursive: true });
});

const auth = Buffer.from("me:pass:word").toString("base64");
it.each<[string, unknown, string, string | undefined]>([
  ["a registry's", { auths: { "ghcr.io": { auth } } }, "ghcr.io", "pass:word"],
  ["the hub's", { auths: { "https://index.docker.io/v1/": { auth } } }, "docker.io", "pass:word"],
  ["another registry's", { auths: { "ghcr.io": { auth } } }, "quay.io", undefined],
  ["a helper's", { credHelpers: { "kept.example.org": "test" } }, "kept.example.org", "from helper"],
  ["a store's", { credsStore: "test" }, "kept.example.org", "from helper"],
  ["a helper that knows none", { credsStore: "test" }, "ghcr.io", undefined],
  ["a helper that is not there", { credsStore: "missing" }, "ghcr.io", undefined],
])("%s", async (_name, config, registry, password) => {
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  expect((await keptLogin(registry))?.password).toBe(password);
});
