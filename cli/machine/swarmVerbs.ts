import type { Command } from "commander";
import type { z } from "zod";
import { print, progressOn, readStdin } from "./io";

async function question<T>(schema: z.ZodType<T>): Promise<T> {
  return schema.parse(JSON.parse(await readStdin()));
}

/** What the last call of the same resource printed, as @pulumi/command gives it. */
async function printedBefore() {
  const { nodeResult } = await import("../../machine/swarm/node.js");
  const text = process.env.PULUMI_COMMAND_STDOUT;
  return text ? nodeResult.parse(JSON.parse(text)) : undefined;
}

/** How the components form a swarm; part of the interface of programs, see docs/architecture.md. */
export function addSwarmVerbs(machine: Command): void {
  machine
    .command("swarm-ensure")
    .description("for programs: find or make a cluster's swarm; prints its tokens, a secret")
    .action(async () => {
      const { ensureSwarm, swarmQuestion } = await import("../../machine/swarm/ensure.js");
      const asked = await question(swarmQuestion);
      print(await ensureSwarm(asked, progressOn(asked.managers[0] ?? "")));
    });
  machine
    .command("swarm-tokens")
    .description("for programs: make a swarm's join tokens anew; prints them, a secret")
    .action(async () => {
      const { rotateTokens, tokensQuestion } = await import("../../machine/swarm/tokens.js");
      const asked = await question(tokensQuestion);
      print(await rotateTokens(asked, progressOn(asked.managers[0] ?? "")));
    });
  machine
    .command("swarm-node")
    .description("for programs: make a machine a node of the swarm, with its role and labels")
    .action(async () => {
      const { applyNode, nodeSpec } = await import("../../machine/swarm/node.js");
      const spec = await question(nodeSpec);
      const result = await applyNode(spec, await printedBefore(), progressOn(spec.machine));
      print(JSON.stringify(result));
    });
  machine
    .command("swarm-leave")
    .description("for programs: take a machine out of the swarm")
    .action(async () => {
      const { nodeSpec } = await import("../../machine/swarm/node.js");
      const { leaveSwarm } = await import("../../machine/swarm/leave.js");
      const spec = await question(nodeSpec);
      await leaveSwarm(spec, await printedBefore(), progressOn(spec.machine));
    });
}
