import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Server } from "@grpc/grpc-js";
import type { Provider } from "../../../../providers/rpc/resource";
import { fromJson, type PropertyMap, toJson } from "../../../../providers/rpc/values";
import { type DiffResult, PluginClient, startEngine, urn } from "../../pluginClient";
import type { Case } from "./cases";
import type { Exchange } from "./dockerProxy";

type Json = ReturnType<typeof toJson>;

/** What a provider did with one case. Values are in the notation of state files. */
export interface Run {
  readonly check: Checked;
  readonly created?: { readonly id: string; readonly outputs: Json };
  readonly failed?: string;
  readonly read?: { readonly inputs: Json; readonly outputs: Json };
  readonly changes?: { readonly [name: string]: { readonly check: Checked; readonly diff: DiffResult } };
  readonly updates?: { readonly [name: string]: Json };
}

interface Checked {
  readonly inputs: Json;
  /** The properties that were refused, by their first name. */
  readonly refused: readonly string[];
}

export interface Recorded {
  readonly daemon: string;
  /** Of Pulumi's plugin. */
  readonly plugin: Run;
  /** What the plugin asked the daemon to change. */
  readonly asked: readonly Exchange[];
  /** What ours said with the same daemon, to be played again. */
  readonly exchanges: readonly Exchange[];
}

export const token = (type: string): string =>
  `docker:index/${type.slice(0, 1).toLowerCase()}${type.slice(1)}:${type}`;
const resource = (type: string): string => urn(token(type), "one");

/** The plugin's messages name the property at their end; ours at their beginning. */
function refusedOf(failures: readonly string[]): string[] {
  const names = failures.map(
    (failure) =>
      /Examine values at 'one\.(\w+)/.exec(failure)?.[1] ?? (/^(\w+)/.exec(failure)?.[1] as string),
  );
  return [...new Set(names)].sort();
}

async function check(
  plugin: PluginClient,
  type: string,
  inputs: PropertyMap,
  olds?: PropertyMap,
): Promise<Checked & { readonly values: PropertyMap }> {
  try {
    const checked = await plugin.check(resource(type), inputs, olds);
    return {
      values: checked.inputs,
      inputs: tidy(toJson(checked.inputs)),
      refused: refusedOf(checked.failures),
    };
  } catch {
    // The plugin's own Image refuses with an error.
    return {
      values: {},
      inputs: {},
      refused: ["(error)"],
    };
  }
}

export async function run(plugin: PluginClient, one: Case, recorded?: Run): Promise<Run> {
  const { type } = one;
  const { values: inputs, ...checked } = await check(plugin, type, one.inputs);
  if (one.checkOnly) return { check: checked };
  let made: { id: string; outputs: PropertyMap };
  try {
    made = await plugin.create(resource(type), inputs);
  } catch (error) {
    return { check: checked, failed: (error as Error).message };
  }
  const { id } = made;
  const created = { id, outputs: tidy(toJson(made.outputs)) };
  const current = await plugin.read(resource(type), id, inputs, made.outputs);
  const read = { inputs: tidy(toJson(current.inputs)), outputs: tidy(toJson(current.outputs)) };
  // Both compare with the plugin's state, so that what differs is the comparison.
  const before = recorded?.created ? (fromJson(recorded.created.outputs) as PropertyMap) : made.outputs;
  const oldInputs = recorded ? (fromJson(recorded.check.inputs) as PropertyMap) : inputs;
  const changes: Record<string, { check: Checked; diff: DiffResult }> = {};
  const changed: Record<string, PropertyMap> = {};
  for (const [name, program] of Object.entries(one.changes ?? {})) {
    const { values, ...again } = await check(plugin, type, program, inputs);
    changed[name] = values;
    changes[name] = { check: again, diff: await plugin.diff(resource(type), oldInputs, values, before, id) };
  }
  const updates: Record<string, Json> = {};
  let [outputs, last] = [made.outputs, inputs];
  for (const name of one.updates ?? []) {
    const next = changed[name] as PropertyMap;
    outputs = await plugin.update(resource(type), id, last, outputs, next);
    updates[name] = tidy(toJson(outputs));
    last = next;
  }
  await plugin.delete(resource(type), id, outputs);
  return { check: checked, created, read, changes, updates };
}

/** Without what says nothing: nulls, and the notes that the plugin makes for itself. */
function tidy(value: Json): Json {
  if (Array.isArray(value)) return value.map((item: Json) => tidy(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, item]) => item !== null && item !== undefined && key !== "__pulumi_raw_state_delta")
      .map(([key, item]) => [key, tidy(item as Json)]),
  ) as Json;
}

/** Pulumi's plugin, from PATH. */
export class RealPlugin {
  private constructor(
    readonly client: PluginClient,
    private readonly child: ChildProcess,
  ) {}

  static async start(host: string): Promise<RealPlugin> {
    const { engine, address, log } = await startEngine();
    const child = spawn("pulumi-resource-docker", [address], {
      stdio: ["ignore", "pipe", "ignore"],
      env: { ...process.env, DOCKER_HOST: host },
    });
    const stdout = child.stdout as NonNullable<typeof child.stdout>;
    const [line] = (await Promise.race([
      once(stdout, "data"),
      once(child, "error").then(([error]) => {
        throw error;
      }),
    ])) as [Buffer];
    const client = PluginClient.at(Number(String(line)), log, engine as Server);
    await client.configure({});
    return new RealPlugin(client, child);
  }

  async close(): Promise<void> {
    await this.client.close();
    this.child.kill();
  }
}

export async function ours(provider: Provider, host: string): Promise<PluginClient> {
  const plugin = await PluginClient.of(provider);
  await plugin.configure({ host });
  return plugin;
}
