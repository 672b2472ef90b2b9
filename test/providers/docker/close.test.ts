/** A client of the Docker API that is closed while requests wait. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { quietly } from "../../../cli/swarm/swarm";
import { DockerApi } from "../../../providers/docker/api";

const folder = mkdtempSync(join(tmpdir(), "vmcluster-close-"));
const path = process.env.PATH;
const started = (): number[] =>
  existsSync(join(folder, "pids"))
    ? readFileSync(join(folder, "pids"), "utf8").trim().split("\n").map(Number)
    : [];

beforeAll(() => {
  // It answers to the ping, then that something is wrong, then it hangs.
  writeFileSync(
    join(folder, "ssh"),
    `#!/bin/sh
echo $$ >>${folder}/pids
body='{"message":"no"}'
for status in 200 500; do
  while read -r line && [ "\${#line}" -gt 1 ]; do :; done
  printf 'HTTP/1.1 %s x\\r\\nApi-Version: 1.45\\r\\nContent-Length: %s\\r\\n\\r\\n%s' "$status" "\${#body}" "$body"
done
exec sleep 60
`,
  );
  chmodSync(join(folder, "ssh"), 0o755);
  process.env.PATH = `${folder}${delimiter}${path}`;
});
afterAll(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true, force: true });
});

const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

it("ends its connections and starts none for what still waited", async () => {
  const api = new DockerApi(
    { kind: "ssh", user: undefined, host: "vm1", port: undefined, socket: undefined, options: [] },
    { connections: 1, patienceMs: 0 },
  );
  const asked = ["/info", "/services", "/nodes", "/tasks"].map((one) =>
    api.get(one, quietly(new AbortController().signal)),
  );
  await expect(Promise.race(asked)).rejects.toThrow();
  api.close();
  const results = await Promise.allSettled(asked);
  expect(results.map(({ status }) => status)).toEqual(Array(4).fill("rejected"));
  await delay(500);
  const pids = started();
  expect(pids.length).toBeGreaterThan(0);
  expect(pids.filter(runs)).toEqual([]);
});
