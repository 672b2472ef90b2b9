/** What an operation of the command line works on: the project's stack, the flags, the screen. */
import type { OperationOptions } from "../engine/api";
import * as engine from "../engine/index";
import { pairOf } from "./configCommands";
import type { Screen } from "./display/display";
import { processScreen } from "./display/screen";
import { type Flags, selected } from "./flags";
import { openSession, type Session } from "./session";
import { chooseStack } from "./stackChoice";
import { installPrograms } from "./systemPackages";
import { checkSecretsProvider } from "./unsupported";

export interface Target extends Session {
  readonly stack: string;
  readonly flags: Flags;
  readonly screen: Screen;
  /** To be left alone. */
  readonly protectedUrns?: readonly string[];
  /** What an `up` that fails should have deleted is needed to undo it. */
  readonly keepLeftovers?: boolean;
  /** Provider processes are kept from the preview to the operation. */
  readonly plugins: engine.PluginHost;
}

export async function openTarget(flags: Flags, ifNone: "create"): Promise<Target>;
export async function openTarget(flags: Flags, ifNone: "create" | "ifThere"): Promise<Target | undefined>;
export async function openTarget(flags: Flags, ifNone: "create" | "ifThere"): Promise<Target | undefined> {
  const session = openSession(flags);
  // The launcher's promise. Without it, the machine command names what is missing: a program may do without machines.
  if (process.env.VMCLUSTER_LAUNCHER && ifNone === "create") installPrograms(["machines"]);
  checkSecretsProvider(flags);
  const stack = await chooseStack(session, flags, ifNone);
  if (stack === undefined) return undefined;
  for (const text of flags.config ?? [])
    await engine.setConfig({ ...session, stack, ...pairOf(text), secret: false, path: flags.configPath });
  return { ...session, stack, flags, screen: await screenOf(flags), plugins: new engine.PluginHost() };
}

async function screenOf(flags: Flags): Promise<Screen> {
  const { color = "auto", nonInteractive, json } = flags;
  const screen = await processScreen({ color, interactive: nonInteractive !== true && !json });
  // Standard output is for the JSON alone.
  return json ? { ...screen, write: (text) => void process.stderr.write(text) } : screen;
}

/** What each operation of the engine is told, but for what is done with its events. */
export const operationOptions = ({ flags, ...target }: Target): Omit<OperationOptions, "onEvent"> => ({
  projectDir: target.projectDir,
  stack: target.stack,
  backendDir: target.backendDir,
  passphrase: target.passphrase,
  configFile: target.configFile,
  parallel: flags.parallel,
  ...selected(flags, target.protectedUrns),
  refresh: flags.refresh,
  clearPendingCreates: flags.clearPendingCreates,
  message: flags.message,
  keepLeftovers: target.keepLeftovers,
  plugins: target.plugins,
});
