import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileRefusal, refusedFile } from "../../host/fileRefusal";
import { UserError } from "../../host/userError";
import { type CommandUnderTest, eachTestOn } from "./command";

let vmcluster: CommandUnderTest;
eachTestOn("exports.answer = 42;", (made) => {
  vmcluster = made;
});

const compose = "services:\n  web:\n    image: nginx\n";

/** Verbs that write the file that the user names, and what they say of one that cannot be written. */
const writers: Readonly<Record<string, readonly [args: (file: string) => string[], said: RegExp]>> = {
  "stack export": [(file) => ["stack", "export", "--file", file], /cannot write/],
  "stack graph": [(file) => ["stack", "graph", file], /cannot write/],
  "config set": [(file) => ["config", "set", "a", "b", "--config-file", file], /cannot (read|write|make)/],
  "compose import": [(file) => ["compose", "import", "c.yaml", "--force", "-o", file], /cannot write/],
  "compose config": [(file) => ["compose", "config", "c.yaml", "--force", "-o", file], /cannot write/],
  import: [(file) => ["import", "--yes", "a:b:C", "name", "id", "--out", file], /cannot write/],
  "event log": [(file) => ["preview", "--event-log", file], /cannot write the event log/],
};

const readers: Readonly<Record<string, readonly [args: (file: string) => string[], said: RegExp]>> = {
  "stack import": [(file) => ["stack", "import", "--file", file], /cannot read/],
  import: [(file) => ["import", "--yes", "--file", file], /could not read import file/],
  "compose config": [(file) => ["compose", "config", file], /there is no such file|it is a folder|a part of/],
};

/** Places where no file can be. `/dev/full` is the disk that is always full. */
const unwritable: Readonly<Record<string, string>> = {
  "a folder": "folder",
  "below a file": "file/x",
};

async function refusal(args: readonly string[], said: RegExp): Promise<string> {
  const { code, stderr } = await vmcluster.run(args);
  const told = `${args.join(" ")}: exit ${code}\n${stderr}`;
  expect(told).toMatch(/exit 1\n/);
  expect(told).toMatch(said);
  expect(told).not.toMatch(/This is a bug|\n\s+at /);
  return stderr;
}

async function prepare(): Promise<void> {
  const at = (name: string): string => join(vmcluster.project, name);
  mkdirSync(at("folder"));
  writeFileSync(at("file"), "");
  writeFileSync(at("c.yaml"), compose);
  await vmcluster.ok("stack", "init", "dev");
}

it("ends with one message where a file that was named cannot be written", async () => {
  await prepare();
  for (const [args, said] of Object.values(writers))
    for (const place of Object.values(unwritable)) await refusal(args(place), said);
  // `config set` makes the folder, as Pulumi does.
  for (const [name, [args, said]] of Object.entries(writers))
    if (name !== "config set") await refusal(args("missing/x"), said);
  expect(existsSync(join(vmcluster.project, "missing"))).toBe(false);
  expect(readFileSync(join(vmcluster.project, "file"), "utf8")).toBe("");
  expect(readdirSync(join(vmcluster.project, "folder"))).toEqual([]);
}, 300_000);

it("ends with one message where a file that was named cannot be read", async () => {
  await prepare();
  for (const [args, said] of Object.values(readers))
    for (const place of ["missing", "missing/x", ...Object.values(unwritable)])
      await refusal(args(place), said);
  await refusal(["-C", "missing", "compose", "config", "c.yaml"], /cannot work in missing/);
}, 300_000);

it("ends with one message where the disk is full", async () => {
  await prepare();
  const said = await refusal(["stack", "export", "--file", "/dev/full"], /cannot write \/dev\/full/);
  expect(said).toMatch(/ENOSPC: no space left on device\n {2}the disk is full/);
  await refusal(["stack", "graph", "/dev/full"], /the disk is full/);
}, 120_000);

describe("a refusal of the host", () => {
  const refused = (code: string, syscall = "open"): NodeJS.ErrnoException =>
    Object.assign(new Error(`${code}: words, ${syscall} '/x.1234'`), { code, syscall });

  it.each(["ENOENT", "EACCES", "EISDIR", "ENOTDIR", "EROFS", "ENOSPC", "EPERM"])("%s is told", (code) => {
    const error = refusedFile(refused(code), "cannot write /x");
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toMatch(
      new RegExp(`^cannot write /x\\n {2}${code}: words\\n {2}\\S.*$`),
    );
  });

  it("is not what a missing program or our own error is", () => {
    expect(fileRefusal(refused("ENOENT", "spawn docker"))).toBeUndefined();
    const own = new Error("odd");
    expect(refusedFile(own, "cannot write /x")).toBe(own);
  });
});
