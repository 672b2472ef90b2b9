/**
 * No difference for ever, of the components that need no machine; services have a test of their own (../service/everyArgument.test.ts). Machines
 * and swarms are tried by hosts.test.ts and, what only virtual ones have, by test/e2e (managers, drift); the arguments are in machines.ts.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { preview, refresh, up } from "../../../engine";
import { buildServiceImages } from "../../../images/build";
import { checkout, DaemonProject } from "../../providers/daemonProject";
import { SshServer } from "../../providers/sshServer";

jest.setTimeout(300_000);

const project = new DaemonProject("components");
const folder = mkdtempSync(join(tmpdir(), "vmcluster-arguments-test-"));
let ssh: SshServer | undefined;

beforeAll(async () => {
  ssh = await SshServer.start();
  process.env.SSH = JSON.stringify(ssh.connection);
  process.env.DATA_FOLDER = join(folder, "redis");
  process.env.CONTEXT = join(__dirname, "files");
  await project.start(() => `import "${checkout}/test/components/arguments/program";\n`);
  const [registry] = await buildServiceImages({ only: ["registry"] });
  if (registry === undefined) throw new Error("no image of the registry");
  await project.daemon.docker("load", "-q", "-i", registry.archive);
  await project.daemon.docker("run", "-d", "--name", "registry", "--network", "host", registry.ref);
});

afterAll(async () => {
  for (const name of ["SSH", "DATA_FOLDER", "CONTEXT"]) delete process.env[name];
  await project.daemon.docker("rm", "-fv", "registry");
  await project.remove();
  await ssh?.remove();
  rmSync(folder, { recursive: true, force: true });
});

it("has nothing to change after an up, and after a refresh", async () => {
  const made = await project.run(up);
  expect(made).toMatchObject({ result: "succeeded", said: [] });
  expect(await project.run(preview)).toMatchObject({ changes: { same: made.changes.create }, said: [] });
  expect(await project.run(refresh)).toMatchObject({ result: "succeeded", said: [] });
  expect(await project.run(preview)).toMatchObject({ changes: { same: made.changes.create }, said: [] });
});
