/** `./vmcluster test` in a clone: every suite, and one line that counts them all. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Suite {
  readonly name: string;
  readonly arguments: readonly string[];
}

/** Both run at once: machines that boot leave processors free, and what the quick suite finds need not wait for them. */
const suites: readonly Suite[] = [
  { name: "unit", arguments: [] },
  { name: "e2e", arguments: ["--runInBand"] },
];

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Runs jest for each suite named in `only` (all by default) with the arguments given, and prints `N passed, N failed` last.
 * @returns exit code: 0 if there were tests and all of them passed
 */
export async function runTests(
  root: string,
  only: readonly string[],
  jestArguments: readonly string[],
): Promise<number> {
  const chosen = suites.filter(({ name }) => only.length === 0 || only.includes(name));
  const counted = await Promise.all(
    chosen.map(async (suite) => {
      const counts = await runSuite(root, suite, jestArguments);
      process.stdout.write(`${suite.name}: ${describe(counts)}\n`);
      return counts;
    }),
  );
  const sum = (of: keyof Counts): number => counted.reduce((all, counts) => all + counts[of], 0);
  const total: Counts = { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") };
  if (total.skipped > 0) process.stdout.write(`${total.skipped} skipped\n`);
  process.stdout.write(`${describe(total)}\n`);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

const describe = ({ passed, failed }: Counts): string => `${passed} passed, ${failed} failed`;

async function runSuite(root: string, suite: Suite, jestArguments: readonly string[]): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), "vmcluster-test-"));
  const report = join(folder, "report.json");
  try {
    const code = await jest(root, [
      "--selectProjects",
      suite.name,
      "--json",
      `--outputFile=${report}`,
      // A file named by the user is in one of the suites, not in all.
      ...(jestArguments.length > 0 ? ["--passWithNoTests"] : []),
      ...suite.arguments,
      ...jestArguments,
    ]);
    return countReport(readReport(report), code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function jest(root: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, "node_modules/jest/bin/jest.js"), ...args], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
    });
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

interface JestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

function readReport(file: string): JestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as JestReport;
  } catch {
    return undefined;
  }
}

/** A file that could not be run counts as one failure; so does a suite without a report or one that failed and does not say why. */
export function countReport(report: JestReport | undefined, code: number): Counts {
  if (!report) return { passed: 0, failed: 1, skipped: 0 };
  const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: report.numPendingTests,
  };
}
