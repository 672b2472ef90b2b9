import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../../../host/run";
import { identityOf } from "../../../../machine/drivers/generic/identity";
import { logIn } from "../../../../machine/drivers/generic/login";
import { ensureKey, fingerprint } from "../../../../machine/ssh/keys";
import { freePort } from "../../../freePort";
import { SshServer } from "../../../providers/sshServer";
import { useTemporaryHome } from "../../temporaryHome";

jest.setTimeout(60_000);

const home = useTemporaryHome();
let server: SshServer;
beforeAll(async () => {
  server = await SshServer.start();
});
afterAll(() => server.remove());

const quiet = { patienceMs: 10_000, progress: () => undefined };
const login = (changes = {}) => ({
  address: "127.0.0.1",
  port: server.port,
  user: server.user,
  identity: join(server.folder, "user"),
  ...changes,
});

it("takes the key that a new host shows, and only the pinned one after", async () => {
  const first = await logIn("h1", login(), quiet);
  first.session.dispose();
  expect(server.hostKey).toContain(first.hostKey);
  const again = await logIn("h1", login(), { ...quiet, pinned: server.hostKey });
  again.session.dispose();
  const other = await ensureKey(join(home(), "other"));
  await expect(logIn("h1", login(), { ...quiet, pinned: other })).rejects.toThrow(
    new RegExp(
      `is not the pinned one[\\s\\S]*${fingerprint(first.hostKey).replace(/[+/]/g, ".")}[\\s\\S]*installed anew`,
    ),
  );
});

it("tells a key that is not let in, a host that does not answer, and a name that nobody knows apart", async () => {
  const stranger = join(home(), "stranger");
  await ensureKey(stranger);
  await expect(logIn("h1", login({ identity: stranger }), quiet)).rejects.toThrow(
    /login is refused[\s\S]*stranger/,
  );
  const port = await freePort();
  await expect(logIn("h1", login({ port }), { ...quiet, patienceMs: 500 })).rejects.toThrow(
    /host "127\.0\.0\.1" does not answer SSH on port/,
  );
  await expect(logIn("h1", login({ address: "nowhere.invalid" }), quiet)).rejects.toThrow(
    /host: "nowhere\.invalid" is not known/,
  );
});

it("prints fingerprints as ssh-keygen does", async () => {
  const file = join(home(), "id");
  const key = await ensureKey(file);
  expect((await run("ssh-keygen", ["-lf", `${file}.pub`])).stdout).toContain(fingerprint(key));
});

it("takes a private key that can be used without asking anybody", async () => {
  const file = join(home(), "id");
  await ensureKey(file);
  expect(identityOf({ name: "h1", identity: file })).toBe(file);
  expect(() => identityOf({ name: "h1", identity: `${file}.pub` })).toThrow(
    /not the \.pub|is no private key/,
  );
  expect(() => identityOf({ name: "h1", identity: join(home(), "none") })).toThrow(/cannot be read/);
  const locked = join(home(), "locked");
  await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "secret", "-f", locked]);
  expect(() => identityOf({ name: "h1", identity: locked })).toThrow(/passphrase/);
});

it("finds the user's usual key", async () => {
  expect(() => identityOf({ name: "h1" }, home())).toThrow(/identity: missing/);
  mkdirSync(join(home(), ".ssh"));
  const file = join(home(), ".ssh", "id_ed25519");
  await ensureKey(file);
  expect(identityOf({ name: "h1" }, home())).toBe(file);
  expect(identityOf({ name: "h1", identity: "~/.ssh/id_ed25519" }, home())).toBe(file);
});
