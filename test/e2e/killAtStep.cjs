/**
 * Loaded into the command with `node --require`: ends it with SIGKILL before its KILL_AT-th step, a step being a change of files or
 * the start of a program.
 */
const fs = require("node:fs");
const child = require("node:child_process");

const at = Number(process.env.KILL_AT);
let steps = 0;

function step() {
  steps += 1;
  if (steps === at) process.kill(process.pid, "SIGKILL");
}

function count(owner, name) {
  const original = owner[name];
  owner[name] = (...args) => {
    step();
    return original.apply(owner, args);
  };
}

for (const name of [
  "mkdirSync",
  "mkdtempSync",
  "writeFileSync",
  "writeSync",
  "renameSync",
  "rmSync",
  "chmodSync",
]) {
  count(fs, name);
}
for (const name of ["spawn", "execFile"]) count(child, name);
