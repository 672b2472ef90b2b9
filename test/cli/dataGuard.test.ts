/** The command on a real daemon: what deletes data stops unless it is told to. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DockerDaemon } from "../providers/dockerDaemon";
import { CommandUnderTest, compile } from "./command";

jest.setTimeout(180_000);

let daemon: DockerDaemon;
let vmcluster: CommandUnderTest;
let folder: string;

/** A volume, and something else. */
const program = (volume: boolean): string => `
const docker = require("@pulumi/docker");
const { local } = require("@pulumi/command");
const provider = new docker.Provider("there", { host: ${JSON.stringify(daemon.host)} });
${volume ? 'new docker.Volume("rows", { name: "rows" }, { provider });' : ""}
new local.Command("other", { create: "true" });
`;

beforeAll(async () => {
  compile();
  daemon = await DockerDaemon.start();
  vmcluster = new CommandUnderTest();
  vmcluster.write(program(true));
  await vmcluster.ok("up", "--yes");
  folder = (await daemon.json<[{ Mountpoint: string }]>("volume", "inspect", "rows"))[0].Mountpoint;
}, 120_000);

afterAll(async () => {
  vmcluster?.clean();
  await daemon?.remove();
}, 60_000);

async function refuses(doing: string, ...args: string[]): Promise<void> {
  await refusesWith({}, doing, ...args);
}

async function refusesWith(env: NodeJS.ProcessEnv, doing: string, ...args: string[]): Promise<void> {
  const ran = await vmcluster.run(args, { env });
  expect(ran.stderr).toMatch(
    new RegExp(
      `^error: this ${doing} would delete data; nothing has been changed\\n {2}volume rows on .*, \\d.*\\n {2}if it is meant: --delete-data$`,
      "m",
    ),
  );
  expect(ran.code).toBe(1);
  expect(await daemon.docker("volume", "ls", "--quiet")).toBe("rows");
}

it("refuses a destroy or an update that would delete data, also without a preview or with targets", async () => {
  mkdirSync(join(folder, "table"));
  writeFileSync(join(folder, "table", "one"), "1");
  await refuses("destroy", "destroy", "--yes");
  await refuses("destroy", "destroy", "--skip-preview");
  await refuses("destroy", "destroy", "--skip-preview", "--target", "**rows");
  vmcluster.write(program(false));
  await refuses("update", "up", "--yes");
  vmcluster.write(program(true));
});

it("looks also where the Pulumi CLI does the work", async () => {
  const bin = join(vmcluster.folder, "bin");
  mkdirSync(bin);
  // A stand-in that changes nothing.
  writeFileSync(join(bin, "pulumi"), '#!/bin/sh\n[ "$1" = version ] && echo v3.248.0 || exit 7\n', {
    mode: 0o755,
  });
  const env = { PATH: `${bin}:${process.env.PATH}`, VMCLUSTER_ENGINE: "pulumi" };
  const code = async (...args: string[]) => (await vmcluster.run(args, { env })).code;
  expect(await code("up", "--yes")).toBe(7);
  await refusesWith(env, "destroy", "destroy", "--yes");
  expect(await code("destroy", "--preview-only")).toBe(7);
  vmcluster.write(program(false));
  await refusesWith(env, "update", "up", "--yes");
  expect(await code("up", "--yes", "--skip-preview")).toBe(7);
  expect(await code("up", "--yes", "--delete-data")).toBe(7);
  vmcluster.write('throw new Error("no such luck");');
  expect((await vmcluster.run(["up", "--yes"], { env })).stderr).toMatch(
    /^error: it cannot be told whether this update would delete data; nothing has been changed\n(.*\n)* .*no such luck/m,
  );
  vmcluster.write(program(true));
});

it("lets go what has no data", async () => {
  await vmcluster.ok("destroy", "--skip-preview", "--target", "**other");
  await vmcluster.ok("up", "--yes");
});

it("deletes it when it is told to", async () => {
  await vmcluster.ok("destroy", "--yes", "--delete-data");
  expect(await daemon.docker("volume", "ls", "--quiet")).toBe("");
});

it("does not ask where the volume is empty", async () => {
  await vmcluster.ok("up", "--yes");
  rmSync(join(folder, "table"), { recursive: true, force: true });
  await vmcluster.ok("destroy", "--yes");
});
