/** Configs and secrets that an update replaced, and that services use again which were put back. */
import * as engine from "../../engine/index";
import { deleteWhenFree } from "../../providers/docker/api";
import { allResourcesOf, nameOf } from "./clusters";
import { quietly, type Swarm } from "./swarm";
import type { Say } from "./update";

/** Those of which an update makes another one and leaves the old one there until nothing needs it. */
const collections: Readonly<Record<string, string>> = {
  "docker:index/secret:Secret": "secrets",
  "docker:index/serviceConfig:ServiceConfig": "configs",
};

interface Replaced {
  readonly urn: string;
  readonly type: string;
  /** Of the one that is used again. */
  readonly id: string;
  /** Of the one that came instead. */
  readonly newId: string;
}

async function usedAgain(swarm: Swarm, stack: engine.StackOptions): Promise<Replaced[]> {
  const { deployment } = await engine.exportStack({ ...stack, showSecrets: false });
  const resources = allResourcesOf(deployment);
  const specs = JSON.stringify((await swarm.services()).map(({ Spec }) => Spec));
  return resources.flatMap((old): Replaced[] => {
    if (!old.delete || !old.id || collections[old.type] === undefined || !specs.includes(old.id)) return [];
    const now = resources.find(({ urn, delete: gone }) => urn === old.urn && !gone);
    // A service that is not as it was before may need the new one.
    if (!now?.id || specs.includes(now.id)) return [];
    return [{ urn: old.urn, type: old.type, id: old.id, newId: now.id }];
  });
}

/**
 * The state then has them as if there had been no update. What the update had made instead is removed: its name, which tells the content,
 * is free for the next.
 */
export async function takeBack(swarm: Swarm, stack: engine.StackOptions, say: Say): Promise<void> {
  const replaced = await usedAgain(swarm, stack);
  if (replaced.length === 0) return;
  for (const { urn, type, newId } of replaced) {
    const name = nameOf(urn);
    say(`${name}: removing what the update had made instead`);
    const operation = quietly(new AbortController().signal, (line) => say(`${name}: ${line}`));
    await deleteWhenFree("it", /in use/, operation, () =>
      swarm.api.delete(`/${collections[type]}/${newId}`, operation),
    );
  }
  await engine.takeBackReplaced({ ...stack, replaced });
}
