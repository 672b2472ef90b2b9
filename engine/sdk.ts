/** The SDK that a program brings: where its runner is, and whether this engine was tested with it. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { UserError } from "../host/userError";

/** The newest release of @pulumi/pulumi that the tests run with. */
export const newestSdk = "3.276.0";

export interface Sdk {
  readonly version: string;
  /** The module that runs programs. */
  readonly runner: string;
}

/** What `programDir` resolves. Throws {@link UserError} if there is none. */
export function findSdk(programDir: string): Sdk {
  const require = createRequire(join(programDir, "index.js"));
  try {
    const { version } = require("@pulumi/pulumi/package.json") as { readonly version: string };
    return { version, runner: require.resolve("@pulumi/pulumi/cmd/run") };
  } catch {
    throw new UserError(
      `the Pulumi SDK couldn't be found from ${programDir}`,
      "the program needs the package @pulumi/pulumi",
      "run npm install in the project's folder; where it has no package.json: npm install PACKAGE for each package that the program imports",
    );
  }
}

/** Undefined for an SDK that is no newer than the tests'. */
export function sdkWarning(version: string): string | undefined {
  return isNewer(version, newestSdk)
    ? `the program's Pulumi SDK ${version} is newer than ${newestSdk}, the newest that the embedded engine was tested with`
    : undefined;
}

function isNewer(version: string, than: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [testedMajor = 0, testedMinor = 0] = than.split(".").map(Number);
  return major > testedMajor || (major === testedMajor && minor > testedMinor);
}
