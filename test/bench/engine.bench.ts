/**
 * `npm run bench -- engine`: programs of 10 to 5,000 small resources (BENCH_SIZES="10 100"), wall time, CPU time of all processes and the memory of the
 * engine for up, up without a change, preview and destroy; beside the Pulumi CLI, as ratios, where it is on PATH. The
 * provider is the one of the tests, in a process of its own, for both.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { passphrase, TestProject } from "../engine/testProject";

const sizes = (process.env.BENCH_SIZES ?? "10 100 1000 5000").split(" ").map(Number);
const operations = ["up", "up again", "preview", "destroy"] as const;

jest.setTimeout(120 * 60_000);

interface Measured {
  readonly seconds: number;
  /** Hardly depends on what else the host does. */
  readonly cpuSeconds: number;
  readonly megabytes: number;
}

const rows: string[] = [];

afterAll(() => process.stdout.write(`\n${rows.join("\n")}\n`));

/** Chains of ten, so that there are dependencies, and as much to do at once. */
function program(size: number): string {
  return `
    const { Thing } = require("./testing");
    let before;
    for (let index = 0; index < ${size}; index++)
      before = new Thing("t" + index, { value: index % 10 === 0 ? index : before.made, list: [index, "x"] });
  `;
}

/** Time, and the largest resident set, of one command; GNU time tells both. */
function measure(command: readonly string[], project: TestProject, env: NodeJS.ProcessEnv): Measured {
  const started = process.hrtime.bigint();
  const { status, stderr, stdout } = spawnSync(
    "/usr/bin/env",
    ["time", "-f", "cpu=%U+%S maxrss=%M", ...command],
    {
      cwd: project.dir,
      encoding: "utf8",
      maxBuffer: 1 << 30,
      env: { ...process.env, TEST_PROVIDER_DIR: project.providerDir, ...env },
    },
  );
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  if (status !== 0) throw new Error(`${command.join(" ")}\n${stdout.slice(-2000)}\n${stderr.slice(-2000)}`);
  const [, user, system, kibibytes] = /cpu=([\d.]+)\+([\d.]+) maxrss=(\d+)/.exec(stderr) ?? [];
  return { seconds, cpuSeconds: Number(user) + Number(system), megabytes: Number(kibibytes) / 1024 };
}

function ours(operation: (typeof operations)[number], project: TestProject): Measured {
  const name = operation === "up again" ? "up" : operation;
  return measure(
    [
      process.execPath,
      join(__dirname, "../engine/fixtures/runOperation.js"),
      name,
      project.dir,
      project.backendDir,
      project.stack,
      passphrase,
    ],
    project,
    { ENGINE_BUILT: "1" },
  );
}

function theirs(operation: (typeof operations)[number], project: TestProject): Measured {
  const name = operation === "up again" ? "up" : operation;
  const yes = name === "preview" ? [] : ["--yes", "--skip-preview"];
  return measure(["pulumi", name, ...yes, "--stack", project.stack, "--non-interactive"], project, {
    PULUMI_BACKEND_URL: `file://${project.backendDir}`,
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
  });
}

async function runs(
  size: number,
  one: (operation: (typeof operations)[number], project: TestProject) => Measured,
): Promise<Measured[]> {
  const project = new TestProject();
  try {
    await project.init();
    project.program(program(size));
    return operations.map((operation) => one(operation, project));
  } finally {
    await project.remove();
  }
}

beforeAll(() => {
  const built = spawnSync("npm", ["run", "build"], { encoding: "utf8" });
  if (built.status !== 0) throw new Error(built.stdout + built.stderr);
});

const hasPulumi = spawnSync("pulumi", ["version"]).status === 0;

test.each(sizes)("%d resources", async (size) => {
  const mine = await runs(size, ours);
  const other = hasPulumi ? await runs(size, theirs) : undefined;
  operations.forEach((operation, index) => {
    const { seconds, cpuSeconds, megabytes } = mine[index] as Measured;
    const beside = other?.[index];
    rows.push(
      [
        `${String(size).padStart(5)} ${operation.padEnd(9)}`,
        `${seconds.toFixed(1).padStart(7)} s`,
        `${((seconds / size) * 1000).toFixed(1).padStart(7)} ms each`,
        `${cpuSeconds.toFixed(1).padStart(6)} s of CPU`,
        `${megabytes.toFixed(0).padStart(5)} MB`,
        ...(beside
          ? [
              `pulumi ${beside.seconds.toFixed(1)} s, ${beside.cpuSeconds.toFixed(1)} s of CPU, ${beside.megabytes.toFixed(0)} MB:`,
              `${(seconds / beside.seconds).toFixed(2)} × the time, ${(cpuSeconds / beside.cpuSeconds).toFixed(2)} × the CPU`,
            ]
          : []),
      ].join("  "),
    );
  });
});
