/** Images that this host's Buildah builds, published to a real registry with a login and deployed on a real swarm by digest. */
import { spawn } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { exportStack, preview, refresh, setConfig, up } from "../../../engine";
import { run } from "../../../host/run";
import { freePort } from "../../freePort";
import { checkout, DaemonProject } from "../../providers/daemonProject";
import { SshIntoDaemon } from "../../providers/sshIntoDaemon";
import { BuildahStorage } from "./buildahStorage";
import { imageOf, inContainer, type Outputs, outputs, password, startRegistry } from "./publishing";

jest.setTimeout(240_000);

const project = new DaemonProject("built");
const storage = new BuildahStorage();
const folder = mkdtempSync(join(tmpdir(), "vmcluster-buildah-files-"));
const context = join(folder, "app");
const file = (name: string): string => join(context, name);
const dockerfile = `FROM scratch
COPY bin /bin
ARG GREETING
COPY . /files
RUN echo "$GREETING" >/greeting && echo said by the build
HEALTHCHECK --interval=1s CMD ["/bin/cat", "/greeting"]
CMD ["/bin/sleep", "100000"]
`;
let ssh: SshIntoDaemon;
let port: number;
let way: Server;
let connections = 0;

/** The registry is in the daemon's network: this lets it be reached from here by the same name. */
async function openWay(): Promise<void> {
  const inside = ["--net", "-t", String(project.daemon.pid), "/bin/busybox", "nc", "127.0.0.1", String(port)];
  way = createServer({ allowHalfOpen: true }, (socket) => {
    connections++;
    const child = spawn("nsenter", inside, { stdio: ["pipe", "pipe", "ignore"] });
    for (const end of [socket, child.stdin, child.stdout]) end.on("error", () => child.kill());
    socket.on("close", () => child.kill());
    socket.pipe(child.stdin);
    child.stdout.pipe(socket);
  });
  await new Promise<void>((resolve) => way.listen(port, "127.0.0.1", resolve));
}

beforeAll(async () => {
  mkdirSync(file("bin"), { recursive: true });
  copyFileSync("/bin/busybox", file("bin/busybox"));
  for (const tool of ["sh", "cat", "sleep", "ls"]) symlinkSync("busybox", file(`bin/${tool}`));
  writeFileSync(file("Dockerfile"), dockerfile);
  writeFileSync(file("page"), "one\n");
  writeFileSync(file("log.txt"), "one\n");
  writeFileSync(file(".dockerignore"), "bin/*\n!bin/*\n*.txt\nDockerfile\n");
  // Buildah would read this one instead.
  writeFileSync(file(".containerignore"), "page\n");
  port = await freePort();
  process.env.CONTEXT = context;
  process.env.SERVER = `127.0.0.1:${port}`;
  await project.start(() => `export * from "${checkout}/test/components/image/buildahProgram";\n`);
  await setConfig({ ...project.options, key: "built:password", value: password, secret: true });
  await startRegistry(project.daemon, folder, port);
  ssh = await SshIntoDaemon.open(project.daemon);
  await openWay();
});

afterAll(async () => {
  for (const name of ["CONTEXT", "SERVER", "WAY"]) delete process.env[name];
  way?.close();
  await ssh?.remove();
  await project.daemon.docker("rm", "-fv", "registry");
  await project.remove();
  storage.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** The command lines of all processes that were seen while `action` ran. */
async function commandLines<T>(action: Promise<T>): Promise<{ result: T; lines: string[] }> {
  const seen = new Set<string>();
  let ended = false;
  const done = action.finally(() => {
    ended = true;
  });
  while (!ended) {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        seen.add(readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " "));
      } catch {
        // It has ended.
      }
    }
    await sleep(50);
  }
  return { result: await done, lines: [...seen] };
}

let first: Outputs;

it("builds, publishes with a login that nobody sees, and deploys by digest", async () => {
  const { result: made, lines } = await commandLines(project.run(up));
  expect(made).toMatchObject({ result: "succeeded", said: [] });
  first = outputs(made);
  expect(first.imageRef).toMatch(/^127\.0\.0\.1:\d+\/app@sha256:[0-9a-f]{64}$/);
  expect(first.publishedRef).toBe(first.imageRef);
  expect(await imageOf(project.daemon, "app")).toBe(first.imageRef);
  expect(await inContainer(project.daemon, "cat", "/greeting", "/files/page")).toBe("two words\none");
  expect(await project.daemon.docker("ps", "-q", "-f", "health=healthy")).not.toBe("");
  expect(await inContainer(project.daemon, "ls", "-a", "/files")).not.toMatch(/log\.txt|^Dockerfile$/m);

  const encoded = Buffer.from(`ada:${password}`).toString("base64");
  expect(lines.join("\n")).toMatch(/buildah push .*--authfile/);
  const plain = JSON.stringify(await exportStack({ ...project.options, showSecrets: false }));
  expect(plain).toContain(first.imageRef);
  for (const secret of [password, encoded]) {
    expect(lines.join("\n")).not.toContain(secret);
    expect(plain).not.toContain(secret);
  }
  const parent = process.env.TMPDIR || "/var/tmp";
  expect(readdirSync(parent).filter((name) => /^vmcluster-buildah-\w{6}$/.test(name))).toEqual([]);
});

it("has nothing to do for what .dockerignore names, and after a refresh", async () => {
  writeFileSync(file("log.txt"), "two\n");
  const again = await project.run(up);
  expect(again).toMatchObject({ steps: [], said: [] });
  expect(outputs(again)).toEqual(first);
  expect(await project.run(refresh)).toMatchObject({ result: "succeeded", said: [] });
  expect(await project.run(preview)).toMatchObject({ result: "succeeded", steps: [], said: [] });
});

it("rolls the service that has the image when a file has changed, and keeps no older image", async () => {
  const layers = (await storage.images(true)).length;
  writeFileSync(file("page"), "two\n");
  const rolled = await project.run(up);
  expect(rolled.steps.sort()).toEqual(["update app-image", "update app-service"]);
  expect(outputs(rolled).imageRef).not.toBe(first.imageRef);
  expect(await imageOf(project.daemon, "app")).toBe(outputs(rolled).imageRef);
  expect(await inContainer(project.daemon, "cat", "/files/page")).toBe("two");
  expect(await storage.images(true)).toHaveLength(layers);
});

it("publishes over SSH where only another machine reaches the registry", async () => {
  const before = await imageOf(project.daemon, "app");
  connections = 0;
  process.env.WAY = JSON.stringify(ssh.docker);
  const told = await project.ok(up);
  expect(told).toMatchObject({ steps: ["update app-image"] });
  expect(await imageOf(project.daemon, "app")).toBe(before);

  writeFileSync(file("page"), "three\n");
  expect((await project.run(up)).steps.sort()).toEqual(["update app-image", "update app-service"]);
  expect(await inContainer(project.daemon, "cat", "/files/page")).toBe("three");
  expect(connections).toBe(0);
});

it("shows in a preview that a tag was published again", async () => {
  const name = `127.0.0.1:${port}/app`;
  const auth = {
    auths: { [`127.0.0.1:${port}`]: { auth: Buffer.from(`ada:${password}`).toString("base64") } },
  };
  writeFileSync(join(folder, "auth.json"), JSON.stringify(auth));
  const push = ["push", "--tls-verify=false", "--authfile", join(folder, "auth.json")];
  const { stdout: container } = await run("buildah", ["from", `${name}:latest`]);
  await run("buildah", ["config", "--label", "republished=yes", container.trim()]);
  await run("buildah", ["commit", "--rm", "--format", "docker", container.trim(), "other"]);
  await run("buildah", [...push, "other", `docker://${name}:latest`]);

  const shown = await project.run(preview);
  expect(shown.steps).toEqual(["update app-service"]);
  expect(shown.said.join()).toContain(`${name}:latest: was published again elsewhere`);
});

it("says what is wrong with a login, and does not say the password", async () => {
  const wrong = "battery staple";
  await setConfig({ ...project.options, key: "built:password", value: wrong, secret: true });
  writeFileSync(file("page"), "four\n");
  const told = await project.run(up);
  expect(told.result).toBe("failed");
  const said = told.said.join();
  expect(said).toMatch(/127\.0\.0\.1:\d+\/app:latest cannot be pushed\s+.*authentication required/);
  expect(said).not.toContain(wrong);
});

it("tells what a build printed that fails", async () => {
  writeFileSync(file("Dockerfile"), dockerfile.replace("said by the build", "said by the build && false"));
  const told = await project.run(up);
  expect(told.result).toBe("failed");
  expect(told.said.join()).toMatch(/building 127\.0\.0\.1:\d+\/app:latest failed: [\s\S]*said by the build/);
});

it("says in a preview that there is no Buildah, or no Dockerfile", async () => {
  const { PATH } = process.env;
  const bin = join(folder, "bin");
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, "node"));
  process.env.PATH = bin;
  const told = await project.run(preview).finally(() => {
    process.env.PATH = PATH;
  });
  expect(told.result).toBe("failed");
  expect(told.said.join()).toMatch(
    /ServiceImage "app": builder: .*buildah[\s\S]*install: apt-get install buildah/,
  );

  rmSync(file("Dockerfile"));
  const other = await project.run(preview);
  expect(other.result).toBe("failed");
  expect(other.said.join()).toContain(`there is no Dockerfile ${file("Dockerfile")}`);
});
