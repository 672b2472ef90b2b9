import { homedir } from "node:os";
import { resolve } from "node:path";
import { UserError } from "../../host/userError";
import { applyMachine } from "../../machine/apply";
import { ownerOf } from "../../machine/owner";
import { checkSpec } from "../../machine/readSpec";
import type { MachineSpec, UncheckedSpec } from "../../machine/spec";
import { machineStatus } from "../../machine/status";
import { readMachine } from "../../machine/store";
import { installPrograms } from "../systemPackages";
import { each } from "./each";
import { print, progressOn } from "./io";

export type CreateOptions = Omit<UncheckedSpec, "name" | "owner" | "ports" | "images"> & {
  readonly port?: readonly number[];
};

/** The specs of machines to create. @throws UserError if one is wrong or there already; then none is made */
function createSpecs(names: readonly string[], options: CreateOptions): MachineSpec[] {
  const { port, identity, ...rest } = options;
  const given = {
    ...rest,
    ...(port && { ports: port }),
    // Whoever types it means the folder he is in; a shell has expanded ~ already, but not in --identity=~/key.
    ...(identity && { identity: resolve(identity.replace(/^~(?=\/)/, homedir())) }),
  };
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new UserError(`machine "${twice}" is named twice`);
  const specs = names.map((name) => checkSpec({ name, ...given }));
  if (options.privateAddress !== undefined && names.length > 1) {
    throw new UserError(
      `--private-address ${options.privateAddress} cannot be that of ${names.length} machines`,
      undefined,
      "leave it out, or create them one by one",
    );
  }
  if (options.host !== undefined && names.length > 1) {
    throw new UserError(
      `--host ${options.host} cannot be that of ${names.length} machines`,
      undefined,
      "create them one by one",
    );
  }
  for (const { name } of specs) {
    const machine = readMachine(name);
    // One whose creation failed is made anew.
    if (machine === undefined || machine.phase === "creating") continue;
    throw new UserError(
      `machine "${name}" exists already`,
      ownerOf(machine),
      machine.spec.owner === undefined
        ? `choose another name, or remove it: vmcluster machine rm ${name}`
        : "choose another name",
    );
  }
  return specs;
}

/** `machine create`: all of them at the same time, after all have been checked. */
export async function create(names: readonly string[], options: CreateOptions): Promise<void> {
  const specs = createSpecs(names, options);
  // Only a clone's launcher installs; see cli/systemPackages.ts.
  if (process.env.VMCLUSTER_LAUNCHER) installPrograms(["machines"]);
  await machineStatus(specs, (text) => void process.stderr.write(`warning: ${text}\n`));
  await each(names, async (name) => {
    const spec = specs.find((one) => one.name === name);
    if (spec === undefined) throw new Error(`no spec of ${name}`);
    await applyMachine(spec, { progress: progressOn(name) });
    progressOn(name)(`ready; vmcluster machine env ${name} tells how docker reaches it`);
    print(name);
  });
}
