// Runs `machine …` calls one after the other in one process: a process for each would take a table of many of them minutes.
// argv: the compiled cli/machine. Standard input: JSON, an array of argument lists. Standard output: JSON, a result for each.
const { machineCommand } = require(process.argv[2]);

function quiet(command, told) {
  command.exitOverride().configureOutput({ writeErr: (text) => told.push(text), writeOut: () => undefined });
  for (const one of command.commands) quiet(one, told);
  return command;
}

async function call(args) {
  const told = [];
  const printed = [];
  const write = process.stdout.write;
  process.stdout.write = (text) => printed.push(String(text)) > 0;
  let error = "";
  try {
    await quiet(machineCommand(), told).parseAsync(args, { from: "user" });
  } catch (thrown) {
    error = told.join("") || thrown.message;
  } finally {
    process.stdout.write = write;
  }
  return { stdout: printed.join(""), error };
}

async function main() {
  const calls = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
  const results = [];
  for (const args of calls) results.push(await call(args));
  process.stdout.write(JSON.stringify(results));
}

main();
