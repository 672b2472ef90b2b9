/**
 * No difference for ever, of the components that need no machine; services have a test of their own (../service/everyArgument.test.ts). Machines
 * and swarms are tried by hosts.test.ts and, what only virtual ones have, by test/e2e (managers, drift); the arguments are in machines.ts.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { preview, refresh, up } from "../../../engine";
import { checkout, DaemonProject } from "../../providers/daemonProject";
import { SshIntoDaemon } from "../../providers/sshIntoDaemon";
import { SshServer } from "../../providers/sshServer";
import { BuildahStorage } from "../image/buildahStorage";
import { startRegistry } from "../image/publishing";

jest.setTimeout(300_000);

const project = new DaemonProject("components");
const folder = mkdtempSync(join(tmpdir(), "vmcluster-arguments-test-"));
const storage = new BuildahStorage();
let ssh: SshServer | undefined;
let way: SshIntoDaemon | undefined;

beforeAll(async () => {
  ssh = await SshServer.start();
  process.env.SSH = JSON.stringify(ssh.connection);
  process.env.DATA_FOLDER = join(folder, "redis");
  process.env.CONTEXT = join(__dirname, "files");
  await project.start(() => `import "${checkout}/test/components/arguments/program";\n`);
  way = await SshIntoDaemon.open(project.daemon);
  process.env.WAY = JSON.stringify(way.docker);
  await startRegistry(project.daemon);
});

afterAll(async () => {
  for (const name of ["SSH", "WAY", "DATA_FOLDER", "CONTEXT"]) delete process.env[name];
  await project.daemon.docker("rm", "-fv", "registry");
  await project.remove();
  await ssh?.remove();
  await way?.remove();
  storage.remove();
  rmSync(folder, { recursive: true, force: true });
});

it("has nothing to change after an up, and after a refresh", async () => {
  const made = await project.run(up);
  expect(made).toMatchObject({ result: "succeeded", said: [] });
  expect(await project.run(preview)).toMatchObject({ changes: { same: made.changes.create }, said: [] });
  expect(await project.run(refresh)).toMatchObject({ result: "succeeded", said: [] });
  expect(await project.run(preview)).toMatchObject({ changes: { same: made.changes.create }, said: [] });
});
