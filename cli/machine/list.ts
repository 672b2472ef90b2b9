import { driverOf } from "../../machine/drivers";
import { listMachines } from "../../machine/store";

export interface MachineRow {
  readonly name: string;
  readonly cluster: string;
  readonly driver: string;
  /** `running`, `stopped`, or `absent` while its disk is not made yet. */
  readonly state: string;
  /** Address at which this host reaches it. */
  readonly address: string;
  readonly privateAddress: string;
  readonly cpus: number;
  /** MiB. */
  readonly memory: number;
}

export function listMachineRows(): Promise<MachineRow[]> {
  const rows = listMachines().map(async ({ spec, network }) => ({
    name: spec.name,
    cluster: spec.cluster,
    driver: spec.driver,
    state: await driverOf(spec.driver).state(spec.name),
    address: network.address,
    privateAddress: network.privateAddress,
    cpus: spec.cpus,
    memory: spec.memory,
  }));
  return Promise.all(rows);
}

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
