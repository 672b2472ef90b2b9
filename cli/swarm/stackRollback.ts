/** `up --rollback-on-failure`: the services of a stack as they were before an update that failed. */
import * as engine from "../../engine/index";
import { UserError } from "../../host/userError";
import { orGone } from "../../providers/docker/api";
import type { ApiServiceSpec } from "./api";
import { clustersOf, resourcesOf, type StateResource } from "./clusters";
import { connect } from "./connect";
import { differences } from "./rollback";
import { type Cluster, quietly } from "./swarm";
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
  readonly services: readonly SavedService[];
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

/** Notes how the stack's services run now; none of a swarm that is still to be made. @throws UserError if a swarm does not answer */
export async function servicesBefore(stack: engine.StackOptions): Promise<Saved[]> {
  const known = await resources(stack);
  const declared = new Map(servicesOf(known).map(({ id, urn }) => [id as string, urn]));
  if (declared.size === 0) return [];
  const saved: Saved[] = [];
  for (const cluster of clustersOf(known)) {
    const swarm = await connect(cluster, timeoutMs);
    try {
      const services = (await swarm.services()).flatMap(({ ID, Spec }) => {
        const urn = declared.get(ID);
        return urn === undefined ? [] : [{ id: ID, urn, spec: Spec }];
      });
      saved.push({ cluster, services });
    } finally {
      swarm.close();
    }
  }
  return saved;
}

/** Puts back each service that is another than it was, all at once, and removes those that are new. */
export async function putBack(
  saved: readonly Saved[],
  stack: engine.StackOptions,
  say: Say,
): Promise<PutBack> {
  const result: PutBack = { back: [], removed: [], failed: [], urns: [] };
  const declared = new Map(servicesOf(await resources(stack)).map(({ id, urn }) => [id as string, urn]));
  for (const { cluster, services } of saved) {
    const swarm = await connect(cluster, timeoutMs);
    try {
      const now = await swarm.services();
      const replaced = new Set(
        services.filter(({ id }) => !now.some(({ ID }) => ID === id)).map(({ spec }) => spec.Name),
      );
      for (const name of replaced)
        result.failed.push(`${name}: the update had to replace it, or removed it, which cannot be undone`);
      for (const { ID, Spec } of now) {
        const urn = declared.get(ID);
        if (urn === undefined || services.some(({ id }) => id === ID) || replaced.has(Spec.Name)) continue;
        say(`${Spec.Name}: removing what the update had made`);
        const operation = quietly(new AbortController().signal);
        await orGone(swarm.api.delete(`/services/${ID}`, operation));
        result.removed.push(Spec.Name);
        result.urns.push(urn);
      }
      const changed = services.filter(({ id, spec }) => {
        const there = now.find(({ ID }) => ID === id);
        return there !== undefined && differences(there.Spec as never, spec as never).length > 0;
      });
      for (const { id, spec } of changed) await update(swarm, id, {}, () => spec);
      for (const { id, urn, spec } of changed) {
        result.urns.push(urn);
        try {
          await settled(swarm, id, (line) => say(`${spec.Name}: ${line}`), { rollback: true });
          result.back.push(spec.Name);
        } catch (error) {
          if (!(error instanceof UserError)) throw error;
          result.failed.push(
            `${spec.Name}: ${error.what}${error.why === undefined ? "" : ` (${error.why})`}`,
          );
        }
      }
    } finally {
      swarm.close();
    }
  }
  return result;
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
