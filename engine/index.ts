/**
 * The embedded engine: runs Pulumi programs from npm packages alone, on the state the Pulumi CLI uses. Read it in this
 * order: operation (one run) → program, monitor (what the program asks) → stepGenerator (what to do) → executor, steps
 * (doing it) → providerClient, plugins (with whom) → journal, deployment, backend (keeping the state).
 */
import type { Operation } from "./api";
import { runOperation } from "./operation";

/** Makes what the program asks for so. */
export const up: Operation = (options) => runOperation("update", options);

/** Tells what {@link up} would do. */
export const preview: Operation = (options) => runOperation("preview", options);

/** Deletes what is in the state; `changes` is empty when there was nothing. The program is not run. */
export const destroy: Operation = (options) => runOperation("destroy", options);

/** Tells what {@link destroy} would do. */
export const previewDestroy: Operation = (options) => runOperation("destroy-preview", options);

/** Makes the state what the providers read. The program is not run. */
export const refresh: Operation = (options) => runOperation("refresh", options);

/** Tells what {@link refresh} would do. */
export const previewRefresh: Operation = (options) => runOperation("refresh-preview", options);

/** Takes the resources named by the option `import` into the state. The program is not run. */
export const importExisting: Operation = (options) => runOperation("import", options);

/** Tells what {@link importExisting} would do. */
export const previewImport: Operation = (options) => runOperation("import-preview", options);

export type { Operation, OperationOptions, OperationResult, StackOptions } from "./api";
export type { HistoryEntry } from "./backend";
export {
  type ConfigEntry,
  type ConfigType,
  fullKey,
  getConfig,
  listConfig,
  removeConfig,
  setConfig,
} from "./configCommands";
export type { EngineEvent, Severity, StepInfo, StepOp } from "./events";
export type { ImportRequest } from "./importResource";
export { engineVersion } from "./operation";
export { type InstalledPlugin, installedPlugins } from "./pluginList";
export { PluginHost } from "./plugins";
export type { ProgramOptions, ProgramResult, ProgramRunner } from "./program";
export { projectBackend } from "./projectFile";
export { holdsSecure } from "./stackConfig";
export {
  cancel,
  chosenStack,
  currentStack,
  exportStack,
  importStack,
  initStack,
  isEmpty,
  listStacks,
  lostStacks,
  type ProjectOptions,
  projectName,
  referredStack,
  removeStack,
  renameStack,
  type StackOverview,
  type StackSummary,
  selectStack,
  stackExists,
  stackGraph,
  stackHistory,
  stackOutputs,
  stackOverview,
  unselectStack,
  upgradeBackend,
} from "./stacks";
export { removeStackTag, type StackTags, setStackTag, stackTags } from "./stackTags";
export { forgetResources, protectResources, renameResource, takeBackReplaced } from "./stateEdit";
