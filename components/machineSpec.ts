import type { UncheckedSpec } from "../machine/spec";

/** What a program says of a machine, with names as the machine command has them. */
export type AskedMachine = UncheckedSpec & { readonly owner: string };

const virtualMachine = {
  cpus: 1,
  memory: 1024,
  disk: 10,
  subnet: "192.168.56.0/24",
  ports: [] as readonly number[],
  suite: "trixie",
};

/**
 * The spec of a machine, always with its keys in this order: another order would be a change. An existing host has no defaults of virtual
 * machines; what is given all the same is refused by the machine command, by name.
 */
export function machineSpec(asked: AskedMachine) {
  const driver = asked.driver ?? "qemu";
  const standard: Partial<typeof virtualMachine> = driver === "generic" ? {} : virtualMachine;
  return {
    name: asked.name,
    owner: asked.owner,
    cluster: asked.cluster,
    driver,
    cpus: asked.cpus ?? standard.cpus,
    memory: asked.memory ?? standard.memory,
    disk: asked.disk ?? standard.disk,
    privateAddress: asked.privateAddress,
    subnet: asked.subnet ?? standard.subnet,
    ports: asked.ports ?? standard.ports,
    images: asked.images ?? [],
    suite: asked.suite ?? (asked.image === undefined ? standard.suite : undefined),
    image: asked.image,
    imageChecksum: asked.imageChecksum,
    host: asked.host,
    sshUser: asked.sshUser,
    sshPort: asked.sshPort,
    identity: asked.identity,
    hostKey: asked.hostKey,
    leaveSwarm: asked.leaveSwarm,
  };
}

/** What makes it another machine if it changes, besides its name, cluster, subnet and private address. */
export const placeOf = ({ driver, host, sshPort }: ReturnType<typeof machineSpec>): string =>
  driver === "generic" ? `generic ${host ?? ""} ${sshPort ?? 22}` : driver;
