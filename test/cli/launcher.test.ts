import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";

/** The launcher on a clone of its own whose compiler writes a command that prints its arguments: real npm, no network. */
jest.setTimeout(60_000);

const launcher = resolve(__dirname, "../../vmcluster");
let folder: string;
let clone: string;

const compiler = `
const fs = require("node:fs");
fs.appendFileSync("compiled.log", "x\\n");
if (fs.readFileSync("index.ts", "utf8").includes("broken")) { console.log("index.ts(1,1): error TS1: broken"); process.exit(2); }
fs.mkdirSync("dist/cli", { recursive: true });
fs.writeFileSync("dist/cli/main.js", 'console.log(JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd(), clone: process.env.VMCLUSTER_LAUNCHER }))');
`;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "vmcluster-launcher-")));
  clone = join(folder, "the clone");
  for (const dir of [
    "host",
    "machine",
    "engine",
    "providers",
    "images",
    "components",
    "cli",
    "stacks",
    "tools/typescript/bin",
  ]) {
    mkdirSync(join(clone, dir), { recursive: true });
  }
  cpSync(launcher, join(clone, "vmcluster"));
  chmodSync(join(clone, "vmcluster"), 0o755);
  writeFileSync(join(clone, "index.ts"), "");
  writeFileSync(join(clone, "tsconfig.json"), "{}");
  writeFileSync(join(clone, "tsconfig.build.json"), "{}");
  writeFileSync(join(clone, "tools/typescript/package.json"), '{"name":"typescript","version":"1.0.0"}');
  writeFileSync(join(clone, "tools/typescript/bin/tsc"), compiler);
  const devDependencies = { typescript: "file:tools/typescript" };
  writeFileSync(
    join(clone, "package.json"),
    JSON.stringify({ name: "clone", version: "1.0.0", devDependencies }),
  );
  writeFileSync(
    join(clone, "package-lock.json"),
    JSON.stringify({
      name: "clone",
      version: "1.0.0",
      lockfileVersion: 3,
      packages: {
        "": { name: "clone", version: "1.0.0", devDependencies },
        "node_modules/typescript": { resolved: "tools/typescript", link: true },
        "tools/typescript": { version: "1.0.0", dev: true },
      },
    }),
  );
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function launch(
  args: string[] = [],
  options: { cwd?: string; command?: string; env?: NodeJS.ProcessEnv } = {},
): Ran {
  const ran = spawnSync(options.command ?? join(clone, "vmcluster"), args, {
    cwd: options.cwd ?? folder,
    env: options.env ?? process.env,
    encoding: "utf8",
  });
  return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr };
}

function launchAside(env: NodeJS.ProcessEnv = process.env): Promise<Ran> {
  return new Promise((done) => {
    const child = spawn(join(clone, "vmcluster"), ["--version"], { cwd: folder, env });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk));
    child.on("close", (code) => done({ code, stdout, stderr }));
  });
}

const compilations = (): number =>
  readFileSync(join(clone, "compiled.log"), "utf8").trim().split("\n").length;

/** A PATH with the programs named, as links, and nothing else. */
function pathWith(...programs: string[]): string {
  const bin = mkdtempSync(join(folder, "bin-"));
  for (const program of programs) {
    const found = (process.env.PATH ?? "")
      .split(delimiter)
      .map((dir) => join(dir, program))
      .find(existsSync);
    if (!found) throw new Error(`${program} is not on PATH: these tests need it`);
    symlinkSync(found, join(bin, program));
  }
  return bin;
}

const shellTools = [
  "sh",
  "readlink",
  "dirname",
  "uname",
  "id",
  "cat",
  "cksum",
  "mkdir",
  "mktemp",
  "mv",
  "rm",
  "sleep",
  "tail",
  "head",
  "find",
  "sed",
];

it("installs and compiles the first time and does neither the second", () => {
  const first = launch(["stack", "output", "--json"]);
  expect(first.stderr).toBe(
    "Installing npm packages (first run, or they changed)\nCompiling (the sources changed since the last time)\n",
  );
  expect(JSON.parse(first.stdout)).toEqual({ args: ["stack", "output", "--json"], cwd: folder, clone });
  expect(first.code).toBe(0);
  expect(launch().stderr).toBe("");
  expect(compilations()).toBe(1);
});

it("passes arguments through as they are, from any folder and through symbolic links", () => {
  launch();
  mkdirSync(join(folder, "a"));
  symlinkSync(join(clone, "vmcluster"), join(folder, "a/first"));
  symlinkSync("first", join(folder, "a/second"));
  const args = ["two words", "", "*", "$HOME", "--flag=a b"];
  const ran = launch(args, { command: join(folder, "a/second"), cwd: join(folder, "a") });
  expect(JSON.parse(ran.stdout)).toEqual({ args, cwd: join(folder, "a"), clone });
});

it("compiles again when a source is edited, added or removed, and not for an older one", () => {
  launch();
  const later = new Date(Date.now() + 5000);
  const touch = (file: string): void => utimesSync(join(clone, file), later, later);
  writeFileSync(join(clone, "cli/new.ts"), "");
  touch("cli/new.ts");
  expect(launch().stderr).toMatch(/^Compiling/);
  // The next stamp must be later than the file made "in the future" above.
  utimesSync(join(clone, "cli/new.ts"), new Date(0), new Date(0));
  utimesSync(join(clone, "cli"), new Date(0), new Date(0));
  expect(launch().stderr).toBe("");
  rmSync(join(clone, "cli/new.ts"));
  utimesSync(join(clone, "cli"), later, later);
  expect(launch().stderr).toMatch(/^Compiling/);
});

it("installs again when the lock file changes", () => {
  launch();
  const lock = JSON.parse(readFileSync(join(clone, "package-lock.json"), "utf8"));
  lock.packages["tools/typescript"].version = "1.0.1";
  writeFileSync(join(clone, "tools/typescript/package.json"), '{"name":"typescript","version":"1.0.1"}');
  writeFileSync(join(clone, "package-lock.json"), JSON.stringify(lock));
  expect(launch().stderr).toMatch(/^Installing npm packages/);
  expect(launch().stderr).toBe("");
});

it("installs again when an installation was cut short", () => {
  launch();
  rmSync(join(clone, "node_modules"), { recursive: true });
  mkdirSync(join(clone, "node_modules"));
  expect(launch().stderr).toMatch(/^Installing npm packages/);
});

it("takes packages that npm install by hand has put in place", () => {
  expect(spawnSync("npm", ["install", "--ignore-scripts", "--no-audit"], { cwd: clone }).status).toBe(0);
  expect(launch().stderr).toMatch(/^Compiling/);
});

it("shows the compiler's words and does not run what it failed to make", () => {
  launch();
  writeFileSync(join(clone, "index.ts"), "broken");
  const later = new Date(Date.now() + 5000);
  utimesSync(join(clone, "index.ts"), later, later);
  const ran = launch();
  expect(ran.stderr).toContain("index.ts(1,1): error TS1: broken");
  expect(ran.stderr).toContain("compiling failed");
  expect(ran.stdout).toBe("");
  expect(ran.code).toBe(1);
});

it("shows npm's words when it fails", () => {
  writeFileSync(join(clone, "package.json"), "{");
  const ran = launch();
  expect(ran.stderr).toMatch(/npm (error|ERR!)/);
  expect(ran.stderr).toContain("npm ci failed");
  expect(ran.code).toBe(1);
});

describe.each([
  ["with flock", ["flock"]],
  ["without it", []],
])("several at once, %s", (_name, lockTools) => {
  it("install and compile once", async () => {
    const env = { ...process.env, PATH: pathWith(...shellTools, ...lockTools, "node", "npm") };
    const all = await Promise.all([launchAside(env), launchAside(env), launchAside(env)]);
    for (const { code, stdout } of all) {
      expect(code).toBe(0);
      expect(JSON.parse(stdout).args).toEqual(["--version"]);
    }
    expect(compilations()).toBe(1);
    expect(all.filter(({ stderr }) => stderr.includes("Installing"))).toHaveLength(1);
    expect(
      all.filter(({ stderr }) => stderr.includes("Waiting for another vmcluster")).length,
    ).toBeGreaterThan(0);
  });

  it("do not wait for one that was killed", () => {
    const dead = spawnSync("true");
    mkdirSync(join(clone, "dist/.lock.d"), { recursive: true });
    writeFileSync(join(clone, "dist/.lock.d/pid"), `${dead.pid}\n`);
    writeFileSync(join(clone, "dist/.lock"), "");
    const ran = launch([], {
      env: { ...process.env, PATH: pathWith(...shellTools, ...lockTools, "node", "npm") },
    });
    expect(ran.code).toBe(0);
    expect(compilations()).toBe(1);
  });
});

describe("Node.js", () => {
  const noNode = (): NodeJS.ProcessEnv => ({ HOME: folder, PATH: pathWith(...shellTools) });

  it("that is missing is told with how to get it", () => {
    const ran = launch([], { env: noNode() });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("vmcluster needs Node.js 20 or newer; there is none on PATH");
    expect(ran.stderr).toContain("apt-get install -y nodejs npm");
    expect(ran.stderr).not.toMatch(/https?:|not found/);
  });

  it("that is too old is told with its version", () => {
    const env = noNode();
    const old = join(env.PATH as string, "node");
    writeFileSync(old, "#!/bin/sh\necho v18.19.0\n", { mode: 0o755 });
    const ran = launch([], { env });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain(`vmcluster needs Node.js 20 or newer; ${old} is v18.19.0.`);
  });

  it("is looked for in apt whatever the user's language", () => {
    const env: NodeJS.ProcessEnv = {
      ...noNode(),
      LANG: "de_DE.UTF-8",
      LC_ALL: "de_DE.UTF-8",
      LANGUAGE: "de",
    };
    const bin = env.PATH as string;
    const words =
      "[ \"$LC_ALL\" = C ] && echo '  Candidate: 20.19.2' || echo '  Installationskandidat: 20.19.2'";
    writeFileSync(join(bin, "apt-cache"), `#!/bin/sh\n${words}\n`, { mode: 0o755 });
    // It would install now: this apt cannot.
    writeFileSync(join(bin, "apt-get"), "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    writeFileSync(join(bin, "sudo"), '#!/bin/sh\n[ "$1" != -n ] || shift\n"$@"\n', { mode: 0o755 });
    for (const program of ["true", "env"]) symlinkSync(join(pathWith(program), program), join(bin, program));
    expect(launch([], { env }).stderr).toContain("Installing nodejs npm (vmcluster runs on Node.js)");
  });

  it("is found where a version manager keeps it", () => {
    const env = noNode();
    const bin = join(folder, ".nvm/versions/node/v22.1.0/bin");
    mkdirSync(bin, { recursive: true });
    symlinkSync(process.execPath, join(bin, "node"));
    symlinkSync(pathWith("npm"), join(folder, "npm-bin"));
    env.PATH = `${env.PATH}:${join(folder, "npm-bin")}`;
    expect(launch([], { env }).code).toBe(0);
  });
});
