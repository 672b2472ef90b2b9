/** Which folder may import which: imports point down only, and files form no circle. `npm run lint` checks it. */
const path = (...folders) => `^(${folders.join("|")})/`;

/**
 * @param to folders that `from` must not import
 * @param but files that it does import today: the list gets shorter, never longer
 */
const below = (from, to, but = []) => ({
  name: `${from}-stays-below`,
  severity: "error",
  from: { path: path(from) },
  to: { path: path(...to), ...(but.length > 0 && { pathNot: but.map((file) => `^${file}$`) }) },
});

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    below("host", ["components", "stacks", "cli", "machine", "images", "engine", "providers"]),
    below("images", ["components", "stacks", "cli", "machine", "engine", "providers"]),
    below("engine", ["components", "stacks", "cli", "machine", "images", "providers"]),
    below("providers", ["components", "stacks", "cli", "machine", "images", "engine"]),
    below("machine", ["components", "stacks", "cli", "engine", "providers"]),
    below("components", ["stacks", "cli", "engine", "providers"], ["providers/docker/imageName.ts"]),
    below("stacks", ["components", "cli", "engine", "providers", "machine", "images"]),
    { name: "no-test-code", severity: "error", from: { pathNot: "^test/" }, to: { path: "^test/" } },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^dist/" },
  },
};
