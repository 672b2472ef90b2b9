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
 * @throws UserError that lists services and paths whose data would be lost, if that is not meant
 */
export async function guardData(kind: Guarded, target: Target, steps?: readonly StepInfo[]): Promise<void> {
  if (target.flags.deleteData || kind.name === "refresh") return;
  if (steps !== undefined && deletedBy(steps).size === 0) return;
  const { deployment } = await engine.exportStack({ ...target, showSecrets: false });
  const resources = resourcesOf(deployment);
  const all = new Set(resources.map(({ urn }) => urn));
  // Planning takes longer than finding out that nothing could be lost at all.
  if (candidatesOf(resources, all).length === 0) return;
  const plan = steps ?? (await quietSteps(kind, target));
  const losses = await lossesOf(candidatesOf(resources, plan === undefined ? all : deletedBy(plan)));
  if (losses.length === 0) return;
  const [first] = losses.filter(({ service }) => service !== "");
  const copy = first === undefined ? "" : `keep a copy with: vmcluster backup ${first.service}\n  `;
  throw new UserError(
    `this ${kind.name} would delete data; nothing has been changed`,
    losses.map(lineOf).join("\n  "),
    `${copy}if it is meant: --delete-data`,
  );
}

const deletedBy = (steps: readonly StepInfo[]): ReadonlySet<string> =>
  new Set(steps.filter(({ op }) => deletions.has(op)).map(({ urn }) => urn));

const limited = ({ target, exclude, excludeProtected }: Flags): boolean =>
  Boolean(target?.length || exclude?.length || excludeProtected);

/** Undefined if everything is to be destroyed, or that cannot be told. @throws UserError if an update cannot be planned */
async function quietSteps({ name, plan }: Guarded, target: Target): Promise<StepInfo[] | undefined> {
  if (name === "destroy" && !limited(target.flags)) return undefined;
  const steps: StepInfo[] = [];
  const said: string[] = [];
  const onEvent = (event: EngineEvent): void => {
    if (event.kind === "resource-pre") steps.push(event.step);
    if (event.kind === "resource-failed") said.push(event.message);
    if (event.kind === "diagnostic" && event.severity === "error") said.push(event.message);
  };
  try {
    const { result } = await plan({ ...operationOptions(target), onEvent });
    if (result === "succeeded") return steps;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    said.push(error.message);
  }
  if (name === "destroy") return undefined;
  throw new UserError(
    "it cannot be told whether this update would delete data; nothing has been changed",
    said.join("\n").replace(/\n/g, "\n  "),
    "if that does not matter: --delete-data",
  );
}
