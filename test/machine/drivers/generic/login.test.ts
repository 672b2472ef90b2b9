import { mkdirSync, writeFileSync } from "node:fs";
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

describe("the first contact with a host that the user's known_hosts knows", () => {
  const knows = (...lines: string[]): void => {
    mkdirSync(join(home(), ".ssh"), { recursive: true });
    writeFileSync(join(home(), ".ssh", "known_hosts"), `${lines.join("\n")}\n`);
  };
  const at = (): string => `[127.0.0.1]:${server.port}`;
  const told: string[] = [];
  const telling = { ...quiet, progress: (line: string) => told.push(line), userHome: "" };
  beforeEach(() => {
    telling.userHome = home();
  });

  it("takes its key and says so, also where the name is hashed", async () => {
    knows(`${at()} ${server.hostKey}`);
    await run("ssh-keygen", ["-H", "-f", join(home(), ".ssh", "known_hosts")]);
    const { session } = await logIn("h1", login(), telling);
    session.dispose();
    expect(told.at(-1)).toBe(
      `its SSH host key is ${fingerprint(server.hostKey)}, as ${home()}/.ssh/known_hosts:1 says`,
    );
  });

  it("says what it pins where nobody knows it", async () => {
    knows(`other.example ${server.hostKey}`);
    const { session } = await logIn("h1", login(), telling);
    session.dispose();
    expect(told.at(-1)).toContain(
      `${fingerprint(server.hostKey)}: not known here before, pinned from now on`,
    );
  });

  it("refuses another key, a revoked one, and keys that cannot be compared", async () => {
    const other = (await ensureKey(join(home(), "another"))).trim();
    knows("# mine", `${at()} ${other}`);
    await expect(logIn("h1", login(), telling)).rejects.toThrow(
      `is not the known one\n  it shows ${fingerprint(server.hostKey)}; ${home()}/.ssh/known_hosts:2 has ${fingerprint(other)}`,
    );
    knows(`@revoked * ${server.hostKey}`);
    await expect(logIn("h1", login(), telling)).rejects.toThrow(/is revoked/);
    knows(`${at()} ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY=`);
    await expect(logIn("h1", login(), telling)).rejects.toThrow(/cannot be compared with the known one/);
  });

  it("minds hostKey more than known_hosts", async () => {
    knows(`${at()} ${(await ensureKey(join(home(), "third"))).trim()}`);
    const { session } = await logIn("h1", login(), { ...telling, pinned: server.hostKey });
    session.dispose();
  });
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
