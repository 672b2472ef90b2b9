/** Stops what would delete data of services, unless `--delete-data` says that it is meant. */
import * as engine from "../engine/index";
import { UserError } from "../host/userError";
import { resourcesOf } from "./swarm/clusters";
import { amount } from "./swarm/data/amount";
import { candidatesOf, type Loss, lossesOf } from "./swarm/data/losses";

function lineOf({ service, type, source, machine, size }: Loss): string {
  const what = type === "volume" ? `volume ${source}` : source;
  const known = size === undefined ? "which does not answer: it may hold data" : amount(size);
  return `${service === "" ? "" : `${service}: `}${what} on ${machine}, ${known}`;
}

/**
 * @param doing `destroy` or `update`
 * @param deleted URNs of what it deletes or replaces; default: everything
 * @throws UserError that lists services and paths whose data would be lost
 */
export async function refuseLosses(
  stack: engine.StackOptions,
  doing: string,
  deleted?: ReadonlySet<string>,
): Promise<void> {
  const { deployment } = await engine.exportStack({ ...stack, showSecrets: false });
  const resources = resourcesOf(deployment);
  const gone = deleted ?? new Set(resources.map(({ urn }) => urn));
  const losses = await lossesOf(candidatesOf(resources, gone));
  if (losses.length === 0) return;
  const [first] = losses.filter(({ service }) => service !== "");
  const copy = first === undefined ? "" : `keep a copy with: vmcluster backup ${first.service}\n  `;
  throw new UserError(
    `this ${doing} would delete data; nothing has been changed`,
    losses.map(lineOf).join("\n  "),
    `${copy}if it is meant: --delete-data`,
  );
}
