import { spawn } from "node:child_process";
import { consoleText, followConsole } from "../../machine/console";
import { driverOf } from "../../machine/drivers";
import { machineFiles } from "../../machine/paths";
import { machineNamed } from "../../machine/power";
import { print } from "./io";
import { runningMachine } from "./running";

/** An existing host has no console that we see: its journal since it booted. */
async function journal(name: string, user: string, follow: boolean): Promise<void> {
  await runningMachine(name);
  const command = ["journalctl", "--boot", "--no-pager", ...(follow ? ["--follow", "--lines=1000"] : [])];
  const words = user === "root" ? command : ["sudo", "-n", ...command];
  const args = ["-F", machineFiles(name).sshConfig, name, "--", words.join(" ")];
  const child = spawn("ssh", args, { stdio: ["ignore", "inherit", "inherit"] });
  await new Promise((done) => child.once("close", done));
}

/** `machine logs`: the console; with `follow` also what comes, until the machine stops or Ctrl-C. */
export async function logs(name: string, follow: boolean): Promise<void> {
  const { spec, host } = machineNamed(name);
  if (host !== undefined) return journal(name, host.sshUser, follow);
  const file = machineFiles(name).console;
  if (!follow) {
    print(consoleText(file));
    return;
  }
  const stop = new AbortController();
  const end = (): void => stop.abort();
  process.once("SIGINT", end);
  process.stdout.once("error", end);
  const driver = driverOf(spec.driver);
  await followConsole(file, print, async () => (await driver.state(name)) === "running", stop.signal);
  process.off("SIGINT", end);
}
