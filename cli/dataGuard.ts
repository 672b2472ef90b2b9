/** Stops what would delete data of services, unless `--delete-data` says that it is meant. */
import type { Operation } from "../engine/api";
import type { EngineEvent, StepInfo, StepOp } from "../engine/events";
import * as engine from "../engine/index";
import { UserError } from "../host/userError";
import type { Flags } from "./flags";
import { resourcesOf } from "./swarm/clusters";
import { amount } from "./swarm/data/amount";
import { candidatesOf, type Loss, lossesOf } from "./swarm/data/losses";
import { operationOptions, type Target } from "./target";

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
async function refuseLosses(
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

const deletions: ReadonlySet<StepOp> = new Set([
  "delete",
  "replace",
  "create-replacement",
  "delete-replaced",
]);

interface Guarded {
  readonly name: "update" | "destroy" | "refresh";
  readonly plan: Operation;
}

/**
 * @param steps of the plan; default: they are found out, without showing them
 * @throws UserError if data of services would be deleted, and that is not meant
 */
export async function guardData(kind: Guarded, target: Target, steps?: readonly StepInfo[]): Promise<void> {
  const { flags } = target;
  if (flags.deleteData || kind.name === "refresh") return;
  const all = steps ?? (limited(flags) ? await quietSteps(kind.plan, target) : undefined);
  const deleted = all?.filter(({ op }) => deletions.has(op)).map(({ urn }) => urn);
  if (deleted?.length === 0) return;
  await refuseLosses(target, kind.name, deleted && new Set(deleted));
}

const limited = ({ target, exclude, excludeProtected }: Flags): boolean =>
  Boolean(target?.length || exclude?.length || excludeProtected);

/** Undefined if the plan fails. */
async function quietSteps(plan: Operation, target: Target): Promise<StepInfo[] | undefined> {
  const steps: StepInfo[] = [];
  const onEvent = (event: EngineEvent): void => {
    if (event.kind === "resource-pre") steps.push(event.step);
  };
  const { result } = await plan({ ...operationOptions(target), onEvent });
  return result === "succeeded" ? steps : undefined;
}
