/**
 * What runs in the program's process before the SDK. It saves time, and keeps an unfinished program from being taken for a
 * finished one; a finished one cannot tell the difference.
 */

/**
 * When a program throws, the SDK prints the error with util.inspect in colours, and there Node 20 loops for most of a
 * minute on the SDK's own source paths (`node_modules/@pulumi/resource.ts`, a scope without a package, in
 * markNodeModules). Errors without colours do not get there.
 */
const uncolouredErrors = `
import util from "node:util";
const inspect = util.inspect;
util.inspect = Object.assign(
  (value, options, ...rest) => inspect(value, util.types.isNativeError(value) && options?.colors ? { ...options, colors: false } : options, ...rest),
  inspect,
);
`;

/**
 * Only functions that are serialized (dynamic providers) need npm's Arborist, and it is a fifth of what the SDK loads. The
 * module is there in name until it is used. (A hook of `require` would do too, and be seen in every stack trace.)
 */
const lateArborist = `
import Module, { createRequire } from "node:module";
const require = createRequire(process.argv[1]);
try {
  const file = require.resolve("@npmcli/arborist");
  let arborist;
  const real = () => {
    if (arborist === undefined) {
      delete require.cache[file];
      arborist = require(file);
    }
    return arborist;
  };
  const stub = new Module(file);
  stub.filename = file;
  stub.loaded = true;
  stub.exports = new Proxy(class {}, {
    construct: (_, args) => new (real())(...args),
    get: (_, key) => (key === "__esModule" ? true : key === "default" ? real() : real()[key]),
  });
  require.cache[file] = stub;
} catch {}
`;

/**
 * The process is started before it is known what to run: meanwhile it loads what is known to be needed, in the runner's
 * order, except what reads the configuration as it loads (runtime/state).
 */
const lateArguments = `
import { createReadStream } from "node:fs";
const early = (...modules) => {
  for (const name of modules)
    try {
      require(name);
    } catch {}
};
early("./instrumentation", "source-map-support/register", "../../proto/engine_grpc_pb", "../../proto/resource_grpc_pb");
if (process.env.PULUMI_NODEJS_TYPESCRIPT) early("typescript");
let told = "";
for await (const chunk of createReadStream("", { fd: 3, encoding: "utf8" })) told += chunk;
if (told === "") process.exit(1);
const { args, env } = JSON.parse(told);
process.argv.push(...args);
Object.assign(process.env, env);
`;

/**
 * Two things that the SDK does a few times for each resource, and that nobody sees. It sends the engine debug messages, one
 * after the other: half of all calls. And it keeps the stack of each of its promises, to print it if the program ends
 * before they do and PULUMI_DEBUG_PROMISE_LEAKS is set.
 */
const lessTelling = `
require("../../log").debug = () => Promise.resolve();
if (!process.env.PULUMI_DEBUG_PROMISE_LEAKS) {
  const debuggable = require("../../runtime/debuggable");
  const { debuggablePromise } = debuggable;
  debuggable.debuggablePromise = (...args) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(...args);
    } finally {
      Error.stackTraceLimit = limit;
    }
  };
}
`;

/**
 * The SDK decides by what the engine says whether it marks secrets. Before the program begins, one of its own has to come
 * out marked: an SDK that misunderstands the engine would leave all of them in plain text in the state.
 */
const secretsMarked = `
{
  const settings = require("../../runtime/settings");
  const { setRootResource } = settings;
  settings.setRootResource = async (...args) => {
    await setRootResource(...args);
    const { serializeProperty, specialSigKey, specialSecretSig } = require("../../runtime/rpc");
    const secret = require("../../output").secret("secret");
    const sent = await serializeProperty("secret", secret, new Set(), { keepOutputValues: false });
    if (sent?.[specialSigKey] === undefined || sent[specialSigKey] !== specialSecretSig)
      throw new (require("../../errors").RunError)(
        "the Pulumi SDK " + require("../../package.json").version + " of this program does not mark secrets for this engine, " +
        "which would keep them in plain text. Nothing was done. Install another version of @pulumi/pulumi, or use --engine pulumi",
      );
  };
}
`;

/**
 * The SDK tells the engine that all is named, whereupon the engine deletes the rest, and only then looks whether something
 * still waits for a promise. Such a program tells nothing here, and ends with an error whatever it has logged.
 */
const unfinishedSaysNothing = `
{
  const settings = require("../../runtime/settings");
  const { getStore } = require("../../runtime/state");
  const { signalAndWaitForShutdown } = settings;
  settings.signalAndWaitForShutdown = () => {
    if (getStore().leakCandidates.size === 0) return signalAndWaitForShutdown();
    process.on("exit", () => { process.exitCode ||= 1; });
    return Promise.resolve();
  };
}
`;

/** As an argument for Node.js. Then the process waits for {@link Told} on its file descriptor 3. */
export const preload = `--import=data:text/javascript,${encodeURIComponent(
  uncolouredErrors + lateArborist + lateArguments + lessTelling + secretsMarked + unfinishedSaysNothing,
)}`;

/** What the process is told, as JSON. It ends if it is told nothing. */
export interface Told {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}
