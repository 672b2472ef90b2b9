/**
 * One operation on one stack from beginning to end: project, configuration, lock, state, services, program, deletes,
 * history. Specified by pkg/backend/diy/backend.go (apply) and pkg/engine (update, destroy, refresh).
 */
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { version as sdkVersion } from "@pulumi/pulumi/version";
import { UserError } from "../host/userError";
import type { OperationOptions, OperationResult } from "./api";
import { Backend, type HistoryEntry } from "./backend";
import { Builtins } from "./builtins";
import { Callbacks } from "./callbacks";
import { DeploymentWriter, emptySnapshot, readSnapshot, type Snapshot } from "./deployment";
import { engineService } from "./engineService";
import type { EngineEvent } from "./events";
import { Executor } from "./executor";
import { channelOptions } from "./grpc";
import { importResources } from "./importResource";
import { withInterruptedCommands } from "./interrupted";
import { Journal } from "./journal";
import { acquireLock, type Lock } from "./lock";
import { Monitor } from "./monitor";
import { monitorService } from "./monitorService";
import { PluginHost } from "./plugins";
import { unmarkedOutputs } from "./previewOutputs";
import { ProgramProcess } from "./program";
import { loadProject, type Project } from "./project";
import { ProviderRegistry } from "./providerRegistry";
import { Redactor } from "./redactor";
import { refreshAll } from "./refresh";
import type { ResourceState } from "./resourceState";
import type { SecretsManager } from "./secrets";
import { type ResolvedConfig, StackConfigFile } from "./stackConfig";
import { openStackSecrets, referencedOutputs } from "./stackSecrets";
import { shown } from "./steps";
import { selection, Targets } from "./targets";
import { Transforms } from "./transforms";
import { rootStackType } from "./urn";
import { mapToPlain } from "./values";
import { satisfies } from "./versionRange";

/** Version of the protocol and formats that are followed: the SDK's. */
export const engineVersion = `v${sdkVersion}`;

export type Kind =
  | "import"
  | "import-preview"
  | "preview"
  | "update"
  | "destroy"
  | "destroy-preview"
  | "refresh"
  | "refresh-preview";

const historyKinds: Partial<Record<Kind, HistoryEntry["kind"]>> = {
  update: "update",
  destroy: "destroy",
  refresh: "refresh",
  import: "resource-import",
};

const unfinished =
  "The program ended before its own code did: it waits for a promise that never resolves, or it exits. Nothing is deleted.";

interface Loaded {
  readonly project: Project;
  readonly backend: Backend;
  readonly config: ResolvedConfig;
  readonly secrets: SecretsManager;
  readonly snapshot: Snapshot;
}

/** Rejects with UserError for what the user can mend before anything begins; failures after that are in the result. */
export async function runOperation(kind: Kind, options: OperationOptions): Promise<OperationResult> {
  const started = Date.now();
  const preview = kind.endsWith("preview");
  const project = await loadProject(options.projectDir, options.configFile);
  refuseVersion(project);
  const backend = new Backend(options.backendDir);
  let lock: Lock | undefined;
  if (!preview) {
    if (!backend.exists(project.name, options.stack)) await backend.read(project.name, options.stack);
    lock = await acquireLock(backend.lockDir(project.name, options.stack), (who) =>
      options.onEvent({
        kind: "diagnostic",
        severity: "warning",
        urn: undefined,
        message: `took over the lock of a run that is gone: ${who}`,
      }),
    );
  }
  let process: ProgramProcess | undefined;
  try {
    // It starts while the key of the secrets is derived.
    if (runsProgram(kind) && options.runProgram === undefined) process = new ProgramProcess(project);
    if (process?.warning !== undefined)
      options.onEvent({
        kind: "diagnostic",
        severity: "warning",
        urn: undefined,
        message: process.warning,
      });
    const runProgram = options.runProgram ?? process?.run.bind(process);
    const loaded = await load(kind, project, backend, options);
    const snapshot = options.clearPendingCreates
      ? { ...loaded.snapshot, pendingOperations: loaded.snapshot.pendingOperations.filter(isNoCreate) }
      : loaded.snapshot;
    const seen = kind.startsWith("destroy") ? withInterruptedCommands(snapshot) : snapshot;
    const result = await runLoaded(kind, { ...loaded, snapshot: seen }, { ...options, runProgram }, started);
    const historyKind = historyKinds[kind];
    if (historyKind) await addHistory(historyKind, loaded, options, result, started);
    return result;
  } finally {
    process?.discard();
    await lock?.release();
  }
}

const isNoCreate = ({ type }: Snapshot["pendingOperations"][number]): boolean => type !== "creating";

function refuseVersion({ requiredVersion, root }: Project): void {
  if (requiredVersion === undefined || satisfies(engineVersion, requiredVersion)) return;
  throw new UserError(
    `requiredPulumiVersion ${JSON.stringify(requiredVersion)} is not satisfied`,
    `the embedded engine does what Pulumi ${engineVersion} does, the version of its SDK`,
    `change it in the Pulumi.yaml of ${root}, or use the Pulumi CLI (--engine pulumi)`,
  );
}

function runsProgram(kind: Kind): boolean {
  return kind === "preview" || kind === "update";
}

async function load(
  kind: Kind,
  project: Project,
  backend: Backend,
  options: OperationOptions,
): Promise<Loaded> {
  const file = await StackConfigFile.load(project, options.stack);
  const stored = await backend.read(project.name, options.stack);
  const secrets = await openStackSecrets(file, stored, options.passphrase);
  return {
    project,
    backend,
    config: file.resolve(secrets.config, { check: kind === "preview" || kind === "update" }),
    secrets: secrets.config,
    snapshot: stored.deployment ? readSnapshot(stored.deployment, secrets.state) : emptySnapshot,
  };
}

/** Where the operation before listened: providers are told once. On a socket, as who is heard here runs commands and reads secrets. */
async function listen(server: Server, plugins: PluginHost): Promise<string> {
  const address = plugins.engineAddress();
  await new Promise<void>((done, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : done(),
    );
  });
  return address;
}

/** A killed run may have made something that the state does not know. */
function warnOfPending(journal: Journal, kind: Kind, emit: (event: EngineEvent) => void): void {
  for (const { resource } of journal.leftBehind)
    emit({
      kind: "diagnostic",
      severity: "warning",
      urn: resource.urn,
      message: kind.startsWith("destroy")
        ? "a run that was interrupted was creating this resource; it may exist. Run `up`, which finishes it, then `destroy`"
        : "a run that was interrupted was creating this resource; it is created again",
    });
}

async function addHistory(
  kind: HistoryEntry["kind"],
  { project, backend, config }: Loaded,
  options: OperationOptions,
  result: OperationResult,
  started: number,
): Promise<void> {
  await backend.addToHistory(project.name, options.stack, {
    kind,
    startTime: Math.floor(started / 1000),
    message: options.message ?? "",
    environment: { "exec.kind": "cli" },
    config: Object.fromEntries(config.recorded),
    version: 0,
    result: result.result === "succeeded" ? "succeeded" : "failed",
    endTime: Math.floor(Date.now() / 1000),
    resourceChanges: result.changes,
  });
}

async function runLoaded(
  kind: Kind,
  { project, backend, config, secrets, snapshot }: Loaded,
  options: OperationOptions,
  started: number,
): Promise<OperationResult> {
  const preview = kind.endsWith("preview");
  const { stack, onEvent, signal } = options;
  const parallel = options.parallel ?? 16;
  const targets = selection(options);
  const replace = Targets.of(options.replace, false);
  const writer = new DeploymentWriter({ secrets, engineVersion });
  const write = async (now: Snapshot): Promise<void> => {
    if (!preview) await backend.write(project.name, stack, writer.write(now));
  };
  let journal = new Journal(snapshot, write);
  let base = snapshot.resources;
  const root = base.find((state) => state.type === rootStackType && !state.delete);
  const redactor = new Redactor();
  redactor.learnConfiguration(config.secretTexts);
  for (const { inputs, outputs } of snapshot.resources)
    for (const map of [inputs, outputs]) redactor.learn(map);
  const emit = (event: EngineEvent): void => onEvent(redactor.event(event));
  onEvent({ kind: "prelude", preview, stack, project: project.name });
  warnOfPending(journal, kind, emit);

  const server = new Server(channelOptions);
  const plugins = options.plugins ?? new PluginHost();
  const callbacks = new Callbacks();
  const onAbort = (): void => void plugins.cancel();
  signal?.addEventListener("abort", onAbort, { once: true });
  let registry: ProviderRegistry | undefined;
  try {
    const address = await listen(server, plugins);
    server.addService(EngineService, engineService(emit));
    let lookup = (_urn: string): ResourceState | undefined => undefined;
    const builtins = new Builtins(
      (urn) => lookup(urn),
      (name) =>
        referencedOutputs(name, { backend, project: project.name, passphrase: options.passphrase }, () =>
          emit({
            kind: "diagnostic",
            severity: "warning",
            urn: undefined,
            message: `stack reference "${name}": another passphrase made that stack, so its secret outputs cannot be read: each is an empty object`,
          }),
        ),
    );
    registry = new ProviderRegistry(
      plugins,
      {
        address,
        programDir: project.programDir,
        project: project.name,
        onLine: (message) => emit({ kind: "diagnostic", severity: "debug", urn: undefined, message }),
      },
      preview,
      builtins,
    );
    const running = registry;
    const start = (): Executor =>
      new Executor({
        stack,
        project: project.name,
        preview,
        parallel,
        targets,
        replace,
        registry: running,
        journal,
        base,
        emit,
        learn: (value) => redactor.learn(value),
        callbacks,
        signal,
        keepLeftovers: options.keepLeftovers,
      });
    let executor = start();
    const refreshFirst =
      (options.refresh ?? project.alwaysRefresh) && (runsProgram(kind) || kind.startsWith("destroy"));
    const refresh = (): Promise<void> =>
      refreshAll(executor, {
        registry: running,
        journal,
        base,
        preview,
        targets,
        before: refreshFirst,
        emit,
      });
    let refreshed = false;
    if (refreshFirst) {
      await refresh();
      await journal.flush();
      if (!executor.failed && !executor.canceled) {
        refreshed = journal.changed;
        const fresh = journal.snapshot();
        base = fresh.resources;
        journal = new Journal(fresh, write);
        executor = start();
      }
    }
    lookup = (urn) => executor.lookup(urn);
    if (!runsProgram(kind) || options.runProgram === undefined) {
      if (kind.startsWith("import") && options.import)
        await importResources(
          executor,
          { project: project.name, programDir: project.programDir, stack, config, registry, base },
          options.import,
        );
      else if (kind.startsWith("refresh")) await refresh();
      else await executor.destroy();
    } else if (!executor.failed && executor.refuseUnknown(replace)) {
      registry.prelaunch(base);
      const monitor = new Monitor({
        stack,
        project: project.name,
        programDir: project.programDir,
        root: project.root,
        preview,
        parallel,
        config,
        address,
        executor,
        registry,
        transforms: new Transforms(callbacks, project.programDir),
        hooks: executor.hooks,
      });
      server.addService(monitorService, monitor.service());
      const program = options.runProgram({
        project,
        stack,
        preview,
        parallel,
        config,
        address,
        onLine: (stream, line) => emit({ kind: "program-output", stream, line }),
        signal,
      });
      // A program that waits for the engine runs its hooks until all is done.
      const before = await Promise.race([program, monitor.signalled]);
      await executor.settled();
      // The SDK gives the stack's outputs when the program's own code has come to its end. One that has not, because it waits
      // for ever or exits, has not named everything it wants to keep.
      const reachedItsEnd = executor.stackHasOutputs;
      if (!executor.canceled && before?.ok !== false && reachedItsEnd) await executor.deleteRemaining();
      monitor.release();
      const ended = await program;
      if (!executor.canceled && (!ended.ok || !reachedItsEnd)) {
        const message = ended.ok && !executor.failed ? unfinished : ended.message;
        if (message !== undefined) emit({ kind: "diagnostic", severity: "error", urn: undefined, message });
        executor.failed = true;
      }
      await executor.finishStack();
    }
    await journal.flush();
    const result = executor.canceled ? "canceled" : executor.failed ? "failed" : "succeeded";
    // Those of a program that is not run stay.
    const current = kind.startsWith("refresh") ? (root?.outputs ?? {}) : executor.outputs;
    const outputs = mapToPlain(current, {});
    emit({
      kind: "summary",
      preview,
      changes: executor.changes,
      durationMs: Date.now() - started,
      result,
      outputs: preview ? mapToPlain(unmarkedOutputs(current, root?.outputs), shown) : outputs,
      previousOutputs: root && mapToPlain(root.outputs, {}),
    });
    return { result, changes: executor.changes, outputs, stateChanged: refreshed || journal.changed };
  } finally {
    signal?.removeEventListener("abort", onAbort);
    registry?.release();
    callbacks.close();
    if (options.plugins === undefined) await plugins.close();
    server.forceShutdown();
  }
}
