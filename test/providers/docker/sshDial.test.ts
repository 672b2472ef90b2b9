import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { daemonOf } from "../../../providers/docker/settings";
import { dialSsh } from "../../../providers/docker/sshDial";

const path = process.env.PATH;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "ssh-dial-"));
  process.env.PATH = `${dir}${delimiter}${path}`;
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(dir, { recursive: true });
});

/** A program that stands for ssh and sshd: it has a shell read the words after the host, as sshd does. */
function localSsh(): void {
  writeFileSync(
    join(dir, "ssh"),
    '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift 2\nexec sh -c "$*"\n',
  );
  writeFileSync(join(dir, "docker"), `#!/bin/sh\nfor word; do echo "$word"; done >${dir}/words\n`);
  for (const name of ["ssh", "docker"]) chmodSync(join(dir, name), 0o755);
}

test("the path of a socket is one word to the shell of the other machine", async () => {
  localSsh();
  const socket = `/run/a b;touch ${dir}/ran $(touch ${dir}/ran) 'x'.sock`;
  const daemon = daemonOf({ host: `ssh://machine${socket}` });
  if (daemon?.kind !== "ssh") throw new Error("not ssh");
  const stream = dialSsh(daemon);
  stream.on("error", () => undefined);
  await new Promise((done) => stream.once("close", done).resume());
  expect(readFileSync(join(dir, "words"), "utf8")).toBe(`--host\nunix://${socket}\nsystem\ndial-stdio\n`);
  expect(() => readFileSync(join(dir, "ran"))).toThrow("ENOENT");
});

test.each(["ssh://a;touch x", "ssh://$(x)", "ssh://a`x`@host", "ssh://u ser@host", "ssh://-oProxyCommand=x"])(
  "%s is refused: ssh may give user and host to a shell here",
  (host) => expect(() => daemonOf({ host })).toThrow("cannot be used"),
);
