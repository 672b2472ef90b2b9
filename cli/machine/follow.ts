import { consoleText, followConsole } from "../../machine/console";
import { driverOf } from "../../machine/drivers";
import { machineFiles } from "../../machine/paths";
import { machineNamed } from "../../machine/power";
import { print } from "./io";

/** `machine logs`: the console; with `follow` also what comes, until the machine stops or Ctrl-C. */
export async function logs(name: string, follow: boolean): Promise<void> {
  const { spec } = machineNamed(name);
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
