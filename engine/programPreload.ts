/**
 * What runs in the program's process before the SDK, as an argument for Node.js. Both parts only save time.
 *
 * When a program throws, the SDK prints the error with util.inspect in colours, and there Node 20 loops for most of a
 * minute on the SDK's own source paths (`node_modules/@pulumi/resource.ts`, a scope without a package, in
 * markNodeModules). Errors without colours do not get there.
 *
 * The SDK keeps the stack of each of its promises (runtime/debuggable.js), some ten for each resource, to print them if
 * the program ends before they do and PULUMI_DEBUG_PROMISE_LEAKS is set. Finding the TypeScript lines of all of these
 * takes a fifth of the program's time; without that variable nobody sees them.
 */
const uncolouredErrors = `
import util from "node:util";
const inspect = util.inspect;
util.inspect = Object.assign(
  (value, options, ...rest) => inspect(value, util.types.isNativeError(value) && options?.colors ? { ...options, colors: false } : options, ...rest),
  inspect,
);
`;

const cheapPromiseStacks = `
let current = Error.prepareStackTrace;
const wrappers = new WeakMap();
const wrapped = (prepare) => {
  let wrapper = wrappers.get(prepare);
  if (wrapper === undefined) {
    wrapper = (error, frames) =>
      frames[0]?.getFileName()?.endsWith("/runtime/debuggable.js") ? "Error" : prepare(error, frames);
    wrappers.set(prepare, wrapper);
    wrappers.set(wrapper, wrapper);
  }
  return wrapper;
};
if (!process.env.PULUMI_DEBUG_PROMISE_LEAKS)
  Object.defineProperty(Error, "prepareStackTrace", {
    configurable: true,
    get: () => current,
    set: (prepare) => {
      current = typeof prepare === "function" ? wrapped(prepare) : prepare;
    },
  });
`;

export const preload = `--import=data:text/javascript,${encodeURIComponent(uncolouredErrors + cheapPromiseStacks)}`;
