/** `up --rollback-on-failure`: the services of a stack as they were before an update that failed. */
import * as engine from "../../engine/index";
import { UserError } from "../../host/userError";
import type { ApiService, ApiServiceSpec } from "./api";
import { clustersOf, resourcesOf, type StateResource } from "./clusters";
import { connect } from "./connect";
import { takeBack } from "./replacedBack";
import { differences } from "./rollback";
import type { Cluster, Swarm } from "./swarm";
import { type Say, settled, update } from "./update";

const timeoutMs = 60_000;

interface SavedService {
  readonly id: string;
  readonly urn: string;
  readonly spec: ApiServiceSpec;
}

/** What ran on one swarm. */
export interface Saved {
  readonly cluster: Cluster;
  /** Undefined if it did not answer. */
  readonly services: readonly SavedService[] | undefined;
}

export interface PutBack {
  /** Services that run as before, by name. */
  readonly back: string[];
  /** Services that the update had made. */
  readonly removed: string[];
  /** Why a service is not as it was, by name. */
  readonly failed: string[];
  /** Of the resources that are no longer as the state says. */
  readonly urns: string[];
}

const servicesOf = (resources: readonly StateResource[]) =>
  resources.filter(({ type, id }) => type === "docker:index/service:Service" && id);

async function resources(stack: engine.StackOptions): Promise<StateResource[]> {
  const { deployment } = await engine.exportStack({ ...stack, showSecrets: false });
  return resourcesOf(deployment);
}

/**
 * Notes how the stack's services run now; none of a swarm that is still to be made.
 *
 * @param warn told of a swarm that does not answer: there nothing will be put back
 */
export async function servicesBefore(stack: engine.StackOptions, warn: Say): Promise<Saved[]> {
  const known = await resources(stack);
  const declared = new Map(servicesOf(known).map(({ id, urn }) => [id as string, urn]));
  if (declared.size === 0) return [];
  const saved: Saved[] = [];
  for (const cluster of clustersOf(known)) {
    let services: SavedService[] | undefined;
    const refusal = await refused(async () => {
      services = await onServices(cluster, (_swarm, now) =>
        now.flatMap(({ ID, Spec }) => {
          const urn = declared.get(ID);
          return urn === undefined ? [] : [{ id: ID, urn, spec: Spec }];
        }),
      );
    });
    if (refusal !== undefined) warn(`if this update fails, services cannot be put back: ${refusal}`);
    saved.push({ cluster, services });
  }
  return saved;
}

async function onServices<T>(
  cluster: Cluster,
  action: (swarm: Swarm, now: readonly ApiService[]) => T | Promise<T>,
): Promise<T> {
  const swarm = await connect(cluster, timeoutMs);
  try {
    return await action(swarm, await swarm.services());
  } finally {
    swarm.close();
  }
}

/** Why it could not be done; undefined if it could. */
async function refused(action: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await action();
    return undefined;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return `${error.what}${error.why === undefined ? "" : ` (${error.why})`}`;
  }
}

/** Puts back each service that is another than it was, all at once, and removes those that are new; then what they use. */
export async function putBack(
  saved: readonly Saved[],
  stack: engine.StackOptions,
  say: Say,
): Promise<PutBack> {
  const result: PutBack = { back: [], removed: [], failed: [], urns: [] };
  const declared = new Map(servicesOf(await resources(stack)).map(({ id, urn }) => [id as string, urn]));
  const tried = async (name: string, action: () => Promise<unknown>): Promise<boolean> => {
    const refusal = await refused(action);
    if (refusal !== undefined) result.failed.push(`${name}: ${refusal}`);
    return refusal === undefined;
  };
  for (const { cluster, services } of saved) {
    if (services === undefined) {
      result.failed.push(
        `${cluster.name}: it did not answer before the update, so what ran there is not known`,
      );
      continue;
    }
    await tried(cluster.name, () =>
      onServices(cluster, async (swarm, now) => {
        const work = { swarm, now, services, declared, result, tried, say };
        await removeNew(work);
        await putBackChanged(work);
        await tried("what they use", () => takeBack(swarm, stack, say));
      }),
    );
  }
  return result;
}

interface Work {
  readonly swarm: Swarm;
  readonly now: readonly ApiService[];
  /** As they were before the update. */
  readonly services: readonly SavedService[];
  /** URNs by ID. */
  readonly declared: ReadonlyMap<string, string>;
  readonly result: PutBack;
  /** Whether it could be done; notes why not. */
  readonly tried: (name: string, action: () => Promise<unknown>) => Promise<boolean>;
  readonly say: Say;
}

async function removeNew({ swarm, now, services, declared, result, tried, say }: Work): Promise<void> {
  const replaced = new Set(
    services.filter(({ id }) => !now.some(({ ID }) => ID === id)).map(({ spec }) => spec.Name),
  );
  for (const name of replaced)
    result.failed.push(`${name}: the update had to replace it, or removed it, which cannot be undone`);
  for (const { ID, Spec } of now) {
    const urn = declared.get(ID);
    if (urn === undefined || services.some(({ id }) => id === ID) || replaced.has(Spec.Name)) continue;
    say(`${Spec.Name}: removing what the update had made`);
    if (await tried(Spec.Name, () => swarm.delete(`/services/${ID}`))) result.removed.push(Spec.Name);
    result.urns.push(urn);
  }
}

async function putBackChanged({ swarm, now, services, result, tried, say }: Work): Promise<void> {
  const begun: SavedService[] = [];
  for (const service of services) {
    const { id, urn, spec } = service;
    const there = now.find(({ ID }) => ID === id);
    if (there === undefined || differences(there.Spec as never, spec as never).length === 0) continue;
    result.urns.push(urn);
    if (await tried(spec.Name, () => update(swarm, id, {}, () => spec))) begun.push(service);
  }
  for (const { id, spec } of begun) {
    const line: Say = (text) => say(`${spec.Name}: ${text}`);
    const runs = await tried(spec.Name, () => settled(swarm, id, line, { rollback: true }));
    if (runs) result.back.push(spec.Name);
  }
}

/** What came of it, for a person. */
export function putBackLines({ back, removed, failed }: PutBack): string[] {
  if (back.length + removed.length + failed.length === 0)
    return ["The update failed before it changed a service: all run as before."];
  return [
    `The update failed${failed.length === 0 ? ", and the services of the stack run as before it" : ""}.`,
    ...(back.length > 0 ? [`  put back: ${back.join(", ")}`] : []),
    ...(removed.length > 0 ? [`  removed again: ${removed.join(", ")}`] : []),
    ...failed.map((line) => `  not as before: ${line}`),
  ];
}
