/** `up --rollback-on-failure`, or the stack's setting `vmcluster:rollbackOnFailure`, with either engine. */
import * as engine from "../engine/index";
import { UserError } from "../host/userError";
import { putBack, putBackLines, servicesBefore } from "./swarm/stackRollback";
import { operationOptions, type Target } from "./target";

const setting = "vmcluster:rollbackOnFailure";

/**
 * Notes how the stack's services run now; what it returns puts them back. The state then says so, and the next preview what the program
 * would change. Undefined if nobody wants that.
 */
export async function rollbackOf(target: Target): Promise<(() => Promise<void>) | undefined> {
  if (!(target.flags.rollbackOnFailure ?? (await isSet(target)))) return undefined;
  const before = await servicesBefore(target, (line) => process.stderr.write(`warning: ${line}\n`));
  return async () => {
    const result = await putBack(before, target, (line) => target.screen.write(`${line}\n`));
    if (result.urns.length > 0) {
      const options = { ...operationOptions(target), targets: result.urns, excludes: undefined };
      await engine.refresh({ ...options, onEvent: () => undefined });
    }
    for (const line of putBackLines(result)) process.stderr.write(`${line}\n`);
  };
}

async function isSet(target: Target): Promise<boolean> {
  const entries = await engine.listConfig({ ...target, showSecrets: false });
  const value = entries.find(({ fullKey }) => fullKey === setting)?.value ?? "false";
  if (value !== "true" && value !== "false")
    throw new UserError(`${setting} is ${JSON.stringify(value)}`, undefined, "use true or false");
  return value === "true";
}
