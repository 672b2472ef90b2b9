/** `scale`: the number of tasks of services, written to the stack's configuration, which the components read. */
import * as engine from "../../engine/index";
import { UserError } from "../../host/userError";
import { up } from "../operate";
import { openSession } from "../session";
import { chooseStack } from "../stackChoice";
import type { StateResource } from "./clusters";
import { onSwarm, stateOf } from "./connect";
import type { SwarmFlags } from "./flags";
import { serviceNamed } from "./names";
import { modeOf } from "./words";

const key = "vmcluster:scale";

export interface Wish {
  readonly service: string;
  /** Undefined: what the program says. */
  readonly replicas: number | undefined;
}

/** `web=7`, or `web=` for what the program says. */
export function wishOf(word: string): Wish {
  const [, service, text] = /^([^=]+)=(\d*)$/.exec(word) ?? [];
  if (service === undefined || text === undefined) {
    throw new UserError(
      `${JSON.stringify(word)} does not say how many tasks`,
      "it must read web=7, or web= for as many as the program says",
    );
  }
  return { service, replicas: text === "" ? undefined : Number(text) };
}

/** The services of the state by their name in the swarm, with whether one of our components made them. */
export function declared(
  resources: readonly StateResource[],
): { name: string; urn: string; ours: boolean }[] {
  return resources
    .filter(({ type }) => type === "docker:index/service:Service")
    .map(({ urn, outputs }) => ({
      name: String(outputs?.name ?? ""),
      urn,
      ours: /vmcluster:index:\w+\$docker:/.test(urn),
    }));
}

/** @throws UserError unless the program's components can scale it */
function refuseForeign(services: ReturnType<typeof declared>, name: string): void {
  const found = services.filter((one) => one.name === name);
  if (found.some(({ ours }) => ours)) return;
  if (found.length > 0) {
    throw new UserError(
      `service ${name} is declared as a plain docker.Service`,
      `only the components of vmcluster read ${key}`,
      "change its replicas in the program, or declare it as a SwarmService",
    );
  }
  throw new UserError(
    `service ${name} is not of this stack`,
    `the stack has: ${services.map((one) => one.name).join(", ") || "none"}`,
    "what is not in the program cannot be scaled with it: docker service scale, on a manager",
  );
}

type Scale = Readonly<Record<string, unknown>>;

async function readScale(stack: engine.StackOptions): Promise<Scale> {
  let text: string;
  try {
    text = (await engine.getConfig({ ...stack, key })).value;
  } catch (error) {
    if (error instanceof UserError && error.what.includes("not found")) return {};
    throw error;
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Scale;
  } catch {
    // As below.
  }
  throw new UserError(
    `${key} in the stack's configuration is ${text}`,
    "it must be an object of service names and numbers",
    `vmcluster config rm ${key}`,
  );
}

/** Replaces all of it: what was there may be one text of JSON. */
async function writeScale(stack: engine.StackOptions, before: Scale, scale: Scale): Promise<void> {
  if (Object.keys(before).length > 0) await engine.removeConfig({ ...stack, key });
  for (const [name, value] of Object.entries(scale)) {
    const path = `${key}[${JSON.stringify(name)}]`;
    await engine.setConfig({ ...stack, key: path, path: true, value: String(value), secret: false });
  }
}

/** With the commands that give services what the Docker plugin, which updates them, has no fields for. */
function targetsOf(scaled: ReturnType<typeof declared>, resources: readonly StateResource[]): string[] {
  const services = new Set(scaled.map(({ urn }) => urn));
  const commands = resources.filter(
    ({ inputs, deletedWith = "" }) => inputs?.create === "swarm-service" && services.has(deletedWith),
  );
  return [...services, ...commands.map(({ urn }) => urn)];
}

export async function scale(flags: SwarmFlags, ...words: string[]): Promise<number> {
  const wishes = words.map(wishOf);
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  const options = { ...session, stack };
  const resources = await stateOf(flags);
  const services = declared(resources);
  const before = await readScale(options);
  await onSwarm(flags, async (swarm) => {
    const running = await swarm.services();
    for (const { service, replicas } of wishes) {
      // What is configured for a service that is gone must come out again.
      if (replicas === undefined && Object.hasOwn(before, service)) continue;
      const found = serviceNamed(running, service);
      if (modeOf(found) !== "replicated") {
        throw new UserError(
          `service ${service} is ${modeOf(found)}`,
          "only replicated services have a number of tasks",
        );
      }
      refuseForeign(services, service);
    }
  });
  const after = Object.fromEntries(
    Object.entries({
      ...before,
      ...Object.fromEntries(wishes.map((wish) => [wish.service, wish.replicas])),
    }).filter(([, replicas]) => replicas !== undefined),
  );
  await writeScale(options, before, after);
  const scaled = services.filter(({ name, ours }) => ours && wishes.some(({ service }) => service === name));
  // Other changes of the program wait for an `up` of their own.
  const target = flags.target ?? (scaled.length === 0 ? undefined : targetsOf(scaled, resources));
  return up({ ...flags, target }, async () => {
    await writeScale(options, after, before);
    process.stderr.write(`${key} is as it was before.\n`);
  });
}
