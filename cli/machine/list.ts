import { driverOf } from "../../machine/drivers";
import { sshUrl } from "../../machine/ssh/url";
import { listMachines, type MachineRecord } from "../../machine/store";
import { activeUrl } from "./active";
import { askDocker, type DockerState, notAsked } from "./docker";
import { filterOf } from "./filter";
import { gib } from "./free";
import type { MachineRow } from "./machineRow";

type HostView = Omit<MachineRow, keyof DockerState>;

/** Rejects if there is no answer in time: what asked goes on, and nobody waits for it. */
async function within<T>(answer: Promise<T>, ms: number): Promise<T> {
  let clock: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    clock = setTimeout(() => reject(new Error("no answer in time")), ms);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(clock));
}

async function hostView(
  machine: MachineRecord,
  active: string | undefined,
  timeoutMs: number,
): Promise<HostView> {
  const { spec, network, host } = machine;
  const url = sshUrl(machine);
  return {
    name: spec.name,
    cluster: spec.cluster,
    driver: spec.driver,
    // One whose driver cannot tell, as when VirtualBox was uninstalled, hides no other.
    state: await within(driverOf(spec.driver).state(spec.name), timeoutMs).catch(() => "unknown"),
    address: network.address,
    privateAddress: network.privateAddress,
    cpus: host?.cpus ?? spec.cpus,
    memory: host?.memory ?? spec.memory,
    url,
    active: url === active,
  };
}

/** A hypervisor that hangs is not waited for longer where only names are wanted. */
const namesMs = 10_000;

/** Names of the machines that the filters let through; asks no machine. */
export async function machineNames(filters: readonly string[] = []): Promise<string[]> {
  const passes = filterOf(filters);
  const machines = await Promise.all(listMachines().map((machine) => hostView(machine, undefined, namesMs)));
  return machines.filter(passes).map(({ name }) => name);
}

/** The machines, and what the Docker of those that run answers within the time. */
export async function listMachineRows(filters: readonly string[], timeoutMs: number): Promise<MachineRow[]> {
  const passes = filterOf(filters);
  const active = activeUrl();
  const end = Date.now() + timeoutMs;
  const left = (): number => Math.max(500, end - Date.now());
  const machines = await Promise.all(
    listMachines().map(async (machine) => ({ machine, seen: await hostView(machine, active, timeoutMs) })),
  );
  return Promise.all(
    machines
      .filter(({ seen }) => passes(seen))
      .map(async ({ machine, seen }): Promise<MachineRow> => {
        const { name } = seen;
        if (machine.phase === "creating") {
          const error = `not finished: vmcluster machine provision ${name} goes on, rm ${name} removes it`;
          return { ...seen, ...notAsked, error };
        }
        if (seen.state !== "running") {
          const trouble = within(driverOf(machine.spec.driver).trouble(name), left());
          const error = (await trouble.catch((why: Error) => why.message.split("\n")[0])) ?? "";
          return { ...seen, ...notAsked, error };
        }
        return { ...seen, ...(await askDocker(name, left(), timeoutMs)) };
      }),
  );
}

const freeOf = (free: number | null, size: number | null): string =>
  free === null ? "-" : size === null ? gib(free) : `${gib(free)} of ${gib(size)}`;

/** What a person wants to see of them; programs get all with `--format json`. */
export const tableRows = (rows: readonly MachineRow[]): object[] =>
  rows.map(({ name, cluster, driver, state, active, url, swarm, docker, error, ...size }) => ({
    name,
    cluster,
    driver,
    state,
    active: active ? "*" : "-",
    url: state === "running" ? url : "-",
    swarm: swarm || "-",
    docker: docker || "-",
    diskFree: freeOf(size.diskFree, size.diskSize),
    memoryFree: freeOf(size.memoryFree, size.memory),
    error: error || "-",
  }));

/** Columns as wide as their widest cell, with a head of the keys in capitals. */
export function table(rows: readonly object[]): string {
  const [first] = rows;
  if (first === undefined) return "(none)";
  const keys = Object.keys(first);
  const title = (key: string): string => key.replace(/([A-Z])/g, " $1").toUpperCase();
  const cells = rows.map((row) => keys.map((key) => String(Reflect.get(row, key))));
  const lines = [keys.map(title), ...cells];
  const widths = keys.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("   ")
        .trimEnd(),
    )
    .join("\n");
}
