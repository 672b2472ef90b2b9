import type { Command } from "commander";
import { conditionGiven, print, printedBefore, progressOn, question } from "./io";

/** How the components form a swarm; part of the interface of programs, see docs/internals.md. */
export function addSwarmVerbs(machine: Command): void {
  machine
    .command("swarm-ensure")
    .description("for programs: find or make a cluster's swarm; prints its tokens, a secret")
    .action(async () => {
      const { ensureSwarm, swarmQuestion } = await import("../../machine/swarm/ensure.js");
      const asked = await question(swarmQuestion);
      print(await ensureSwarm(asked, progressOn(asked.managers[0] ?? ""), conditionGiven()));
    });
  machine
    .command("swarm-settings")
    .description("for programs: what a cluster's swarm and its nodes are set to; prints one line of JSON")
    .action(async () => {
      const { settingsQuestion, swarmSettings } = await import("../swarm/settings.js");
      print(JSON.stringify(await swarmSettings(await question(settingsQuestion))));
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
      const { applyNode, nodeResult, nodeSpec } = await import("../../machine/swarm/node.js");
      const spec = await question(nodeSpec);
      const progress = progressOn(spec.machine);
      const result = await applyNode(spec, printedBefore(nodeResult), progress, conditionGiven());
      print(JSON.stringify(result));
    });
  machine
    .command("swarm-leave")
    .description("for programs: take a machine out of the swarm")
    .action(async () => {
      const { nodeResult, nodeSpec } = await import("../../machine/swarm/node.js");
      const { leaveSwarm } = await import("../../machine/swarm/leave.js");
      const spec = await question(nodeSpec);
      await leaveSwarm(spec, printedBefore(nodeResult), progressOn(spec.machine));
    });
  machine
    .command("swarm-job")
    .description("for programs: run a job on the swarm and wait for its end")
    .action(async () => {
      const { jobResult, jobSpec, runJob } = await import("../swarm/job.js");
      const spec = await question(jobSpec);
      print(JSON.stringify(await runJob(spec, printedBefore(jobResult), progressOn(spec.service.name))));
    });
  machine
    .command("swarm-job-rm")
    .description("for programs: remove a job from the swarm")
    .action(async () => {
      const { jobResult, jobSpec, removeJob } = await import("../swarm/job.js");
      const spec = await question(jobSpec);
      await removeJob(spec, printedBefore(jobResult), progressOn(spec.service.name));
    });
  machine
    .command("swarm-service")
    .description(
      "for programs: set what the Docker plugin has no fields for on a service, and wait until it runs",
    )
    .action(async () => {
      const { serviceFieldsSpec, setFields } = await import("../swarm/serviceFields.js");
      const spec = await question(serviceFieldsSpec);
      await setFields(spec, progressOn(spec.service.name));
    });
  machine
    .command("swarm-service-reset")
    .description("for programs: take that off a service")
    .action(async () => {
      const { resetFields, serviceFieldsSpec } = await import("../swarm/serviceFields.js");
      const spec = await question(serviceFieldsSpec);
      await resetFields(spec, progressOn(spec.service.name));
    });
  machine
    .command("swarm-service-look")
    .description("for programs: say whether a service has it, as one JSON object")
    .action(async () => {
      const { fieldsQuestion, lookAtFields } = await import("../swarm/serviceFields.js");
      const asked = await question(fieldsQuestion);
      print(JSON.stringify({ condition: await lookAtFields(asked, progressOn(asked.serviceId)) }));
    });
  machine
    .command("swarm-network-id")
    .description("for programs: the swarm's ID of a network that each node has, as one JSON object")
    .action(async () => {
      const { nodeNetworkId, nodeNetworkQuestion } = await import("./nodeNetwork.js");
      const asked = await question(nodeNetworkQuestion);
      print(JSON.stringify({ networkId: await nodeNetworkId(asked, progressOn(asked.name)) }));
    });
  machine
    .command("swarm-join")
    .description("for programs: make a machine a node of a swarm that was made elsewhere")
    .action(async () => {
      const { memberSpec } = await import("../../machine/swarm/elsewhere.js");
      const { joinMember } = await import("../swarm/member.js");
      const { nodeResult } = await import("../../machine/swarm/node.js");
      const spec = await question(memberSpec);
      print(JSON.stringify(await joinMember(spec, printedBefore(nodeResult), progressOn(spec.machine))));
    });
  machine
    .command("swarm-quit")
    .description("for programs: take a machine out of a swarm that was made elsewhere")
    .action(async () => {
      const { memberSpec } = await import("../../machine/swarm/elsewhere.js");
      const { quitMember } = await import("../swarm/member.js");
      const { nodeResult } = await import("../../machine/swarm/node.js");
      const spec = await question(memberSpec);
      await quitMember(spec, printedBefore(nodeResult), progressOn(spec.machine));
    });
}
