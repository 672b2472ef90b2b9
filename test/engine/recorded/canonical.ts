/** Observations in a form that leaves out what engines may do differently: order among independent resources, and noise. */
import type { Json, Observation } from "./observe";
import type { Run, Scenario } from "./scenario";

type Resource = { [key: string]: Json };

export function canonical(scenario: Scenario, observations: readonly Observation[]): Json {
  if (scenario.newer) return observations.map(({ result }) => result);
  return observations.map((observation, index) =>
    canonicalRun(scenario.runs[index] as Run, observation, scenario.ordered === true),
  );
}

function canonicalRun(run: Run, seen: Observation, ordered: boolean): Json {
  const failed = seen.result === "failed";
  const order = (list: readonly string[]): string[] => (ordered ? [...list] : [...list].sort());
  const except = new Set<string>(run.except);
  // The CLI ends a failing preview at once and goes on with a failing update (--continue-on-error).
  if (failed && run.do === "preview") return { result: "failed" };
  const { same, ...changes } = seen.changes;
  return {
    result: seen.result,
    // The CLI tells of a component when it is made and when its outputs are known.
    ...(except.has("steps")
      ? {}
      : {
          steps: order(
            [...new Set(seen.steps)].filter(
              (step) => !step.startsWith("remove-pending-replace") && !step.endsWith(" default"),
            ),
          ),
        }),
    ...(except.has("calls") ? {} : { calls: order(seen.calls) }),
    // Versions count differently what is not looked at.
    ...(except.has("changes")
      ? {}
      : { changes: run.targets || run.excludes || same === undefined ? changes : { ...changes, same } }),
    existing: [...seen.existing],
    state: renumbered(
      seen.state.map((resource) => canonicalResource(resource as Resource, failed)).sort(byUrn),
    ),
  };
}

function canonicalResource(resource: Resource, failed: boolean): Resource {
  const { outputs, propertyDependencies, dependencies, ...rest } = resource;
  // After a failure the CLI writes the outputs that are not known as such; the embedded engine keeps the old ones.
  const dropped = failed && resource.type === "pulumi:pulumi:Stack";
  const lists = Object.entries((propertyDependencies ?? {}) as Record<string, string[]>)
    .filter(([, urns]) => urns.length > 0)
    .map(([key, urns]): [string, Json] => [key, [...urns].sort()]);
  return {
    ...rest,
    ...(outputs === undefined || dropped ? {} : { outputs }),
    ...(lists.length === 0 ? {} : { propertyDependencies: Object.fromEntries(lists) }),
    ...(dependencies === undefined ? {} : { dependencies: [...(dependencies as string[])].sort() }),
  };
}

function byUrn(a: Resource, b: Resource): number {
  const key = (resource: Resource): string => `${String(resource.urn)} ${String(resource.delete ?? false)}`;
  return key(a) < key(b) ? -1 : 1;
}

/** Names of random texts count up in the order in which they are met, which sorting changed. */
function renumbered(resources: readonly Resource[]): Json {
  // Ids of which the observation did not see that they are.
  const ids = new Map<string, string>();
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  const marked = JSON.stringify(resources).replace(/"([^"\\]+)-\d+-\d+"/g, (id, name) => {
    const other = ids.get(id) ?? `"${name}#-${ids.size + 1000}"`;
    ids.set(id, other);
    return other;
  });
  const text = marked.replace(/(uuid|[^"\\\s:]+#)-\d+/g, (found, kind: string) => {
    const known = names.get(found);
    if (known !== undefined) return known;
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    names.set(found, `${kind}-${count}`);
    return `${kind}-${count}`;
  });
  return JSON.parse(text) as Json;
}
