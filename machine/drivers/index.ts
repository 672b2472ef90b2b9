import type { Driver } from "../driver";
import type { Progress } from "../progress";
import type { MachineSpec } from "../spec";
import { QemuDriver } from "./qemu/driver";
import { VirtualBoxDriver } from "./virtualbox/driver";

/** The driver of this name; names are checked with the spec. */
export function driverOf(name: MachineSpec["driver"], progress: Progress = () => undefined): Driver {
  switch (name) {
    case "qemu":
      return new QemuDriver(progress);
    case "virtualbox":
      return new VirtualBoxDriver(progress);
  }
}
