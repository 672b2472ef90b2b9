/** Names on the swarms of the selected stack, for completion: from its state, as asking a manager takes too long at every Tab. */
import type { Command } from "commander";
import type { Names } from "./candidates";

/** Values of an option among the words typed so far. */
const given = (words: readonly string[], ...options: readonly string[]): string | undefined =>
  words.find((_, index) => options.includes(words[index - 1] ?? ""));

/** Empty where there is no stack, or the verb has nothing to do with one. */
export async function swarmNames(
  program: Command,
  words: readonly string[],
): Promise<Omit<Names, "machines">> {
  const verb = words.find((word) => program.commands.some((command) => command.name() === word));
  const command = program.commands.find((one) => one.name() === verb);
  if (!command?.options.some(({ long }) => long === "--cluster")) return {};
  const { stateOf } = await import("../swarm/connect.js");
  const { clustersOf } = await import("../swarm/clusters.js");
  const { declared } = await import("../swarm/scale.js");
  try {
    const state = await stateOf({
      cwd: given(words, "-C", "--cwd"),
      stack: given(words, "-s", "--stack"),
    });
    const clusters = clustersOf(state);
    return {
      services: () => declared(state).map(({ name }) => name),
      nodes: () => clusters.flatMap(({ members }) => members.map(({ name }) => name)),
      clusters: () => clusters.map(({ name }) => name),
    };
  } catch {
    // No project, no stack: there is nothing to offer, and nobody to tell.
    return {};
  }
}
