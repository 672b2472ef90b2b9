import type { Driver, VmDriver } from "../driver";
import type { Progress } from "../progress";
import type { MachineSpec } from "../spec";
import { GenericDriver } from "./generic/driver";
import { QemuDriver } from "./qemu/driver";
import { VirtualBoxDriver } from "./virtualbox/driver";

type DriverName = MachineSpec["driver"];

const silent: Progress = () => undefined;

/** The driver of this name; names are checked with the spec. */
export const driverOf = (name: DriverName, progress: Progress = silent): Driver =>
  name === "generic" ? new GenericDriver(progress) : vmDriverOf(name, progress);

/** The same of those that make virtual machines. */
export function vmDriverOf(name: Exclude<DriverName, "generic">, progress: Progress = silent): VmDriver {
  switch (name) {
    case "qemu":
      return new QemuDriver(progress);
    case "virtualbox":
      return new VirtualBoxDriver(progress);
  }
}
