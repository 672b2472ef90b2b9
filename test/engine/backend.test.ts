import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { Backend, type HistoryEntry } from "../../engine/backend";

let dir: string;
let backend: Backend;
const stacks = () => join(dir, ".pulumi/stacks/p");
const files = () => readdirSync(stacks()).sort();
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "engine-backend-"));
  backend = new Backend(dir);
});
afterEach(() => {
  delete process.env.PULUMI_DIY_BACKEND_GZIP;
  delete process.env.PULUMI_SELF_MANAGED_STATE_GZIP;
  delete process.env.PULUMI_DIY_BACKEND_ZSTD;
  rmSync(dir, { recursive: true, force: true });
});

const state = (...names: readonly string[]) => ({
  version: 3,
  features: [],
  deployment: {
    manifest: { time: "2026-01-01T00:00:00Z", magic: "", version: "" },
    resources: names.map((name) => ({
      urn: `urn:pulumi:dev::p::a:b:C::${name}`,
      type: "a:b:C",
      custom: false,
    })),
  } as never,
});
const entry: HistoryEntry = {
  kind: "update",
  startTime: 1,
  message: "",
  environment: {},
  config: {},
  version: 0,
  result: "succeeded",
  endTime: 2,
};
const names = async () =>
  (await backend.read("p", "dev")).deployment?.resources?.map(({ urn }) => urn.split("::").at(-1));

describe("compressed checkpoints", () => {
  test.each(["PULUMI_DIY_BACKEND_GZIP", "PULUMI_SELF_MANAGED_STATE_GZIP"])("%s", async (variable) => {
    process.env[variable] = "true";
    await backend.write("p", "dev", state("a"));
    await backend.addToHistory("p", "dev", entry);
    expect(files()).toEqual(["dev.json.gz"]);
    expect(JSON.parse(gunzipSync(readFileSync(join(stacks(), "dev.json.gz"))).toString())).toMatchObject({
      checkpoint: { stack: "organization/p/dev" },
    });
    expect(backend.exists("p", "dev")).toBe(true);
    expect(await backend.list("p")).toEqual(["dev"]);
    expect(await names()).toEqual(["a"]);
    const history = readdirSync(join(dir, ".pulumi/history/p/dev")).map((name) => name.replace(/-\d+/, ""));
    expect(history.sort()).toEqual(["dev.checkpoint.json.gz", "dev.history.json.gz"]);
    expect(await backend.history("p", "dev")).toEqual([entry]);
  });

  test("are read whatever is set, and take the form that is set at the next write", async () => {
    process.env.PULUMI_DIY_BACKEND_GZIP = "1";
    await backend.write("p", "dev", state("a"));
    delete process.env.PULUMI_DIY_BACKEND_GZIP;
    expect(await names()).toEqual(["a"]);
    expect(files()).toEqual(["dev.json.gz"]);
    await backend.write("p", "dev", state("a", "b"));
    expect(files()).toEqual(["dev.json", "dev.json.gz.bak"]);
    expect(await names()).toEqual(["a", "b"]);
    process.env.PULUMI_DIY_BACKEND_GZIP = "1";
    await backend.write("p", "dev", state());
    expect(files()).toEqual(["dev.json.bak", "dev.json.gz", "dev.json.gz.bak"]);
    await backend.remove("p", "dev");
    expect(files()).toEqual([]);
  });

  test("of two the newer one counts", async () => {
    await backend.write("p", "dev", state("new"));
    const old = JSON.stringify({ version: 3, checkpoint: { stack: "", latest: state("old").deployment } });
    writeFileSync(join(stacks(), "dev.json.gz"), gzipSync(old));
    utimesSync(join(stacks(), "dev.json.gz"), 1, 1);
    expect(await names()).toEqual(["new"]);
    utimesSync(join(stacks(), "dev.json.gz"), new Date(), new Date(Date.now() + 60_000));
    expect(await names()).toEqual(["old"]);
  });

  test("that are damaged, and what this Node.js cannot read, are named", async () => {
    await backend.write("p", "dev", state());
    renameSync(join(stacks(), "dev.json"), join(stacks(), "dev.json.gz"));
    writeFileSync(join(stacks(), "dev.json.gz"), gzipSync("{}").subarray(0, 15));
    await expect(backend.read("p", "dev")).rejects.toThrow(
      /dev\.json\.gz is damaged: it cannot be decompressed/,
    );
    process.env.PULUMI_DIY_BACKEND_GZIP = "1";
    process.env.PULUMI_DIY_BACKEND_ZSTD = "1";
    await expect(backend.write("p", "dev", state())).rejects.toThrow("cannot both be enabled");
  });
});

describe("a state that somebody deleted", () => {
  const remove = (name = "dev.json") => rmSync(join(stacks(), name));

  test("is told of by the copy of the one before it", async () => {
    await backend.write("p", "dev", state("a"));
    await backend.write("p", "dev", state("a", "b"));
    expect(await backend.lost("p")).toEqual([]);
    remove();
    expect(await backend.lost("p")).toEqual([{ stack: "dev", backup: join(stacks(), "dev.json.bak") }]);
  });

  test("is nothing to tell of if the one before it was empty", async () => {
    await backend.write("p", "dev", state());
    await backend.write("p", "dev", state("a"));
    remove();
    writeFileSync(join(stacks(), "odd.json.bak"), "{");
    expect(await backend.lost("p")).toEqual([]);
  });
});

test("reads checkpoints of versions 1 and 2, and those without a version, as the Pulumi CLI does", async () => {
  const a = { urn: "urn:pulumi:dev::p::t:t:T::a", custom: true, type: "t:t:T", id: "1" };
  const b = { ...a, urn: "urn:pulumi:dev::p::t:t:T::b", inputs: { x: 1 }, dependencies: [a.urn] };
  const checkpoint = { stack: "organization/p/dev", latest: { manifest: {}, resources: [a, b] } };
  await backend.write("p", "dev", undefined);
  for (const file of [{ version: 2, checkpoint }, { version: 1, checkpoint }, checkpoint]) {
    writeFileSync(join(stacks(), "dev.json"), JSON.stringify(file));
    const { deployment } = await backend.read("p", "dev");
    expect(deployment?.resources).toMatchObject([a, { ...b, propertyDependencies: { x: [a.urn] } }]);
  }
  writeFileSync(join(stacks(), "dev.json"), JSON.stringify({ version: 0, checkpoint }));
  await expect(backend.read("p", "dev")).rejects.toThrow("deployment version 0");
});
