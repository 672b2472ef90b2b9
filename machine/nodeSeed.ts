/** The seed of a machine that a driver made: its identity, and its two links as docs/machine.md tells them. */
import { readFile } from "node:fs/promises";
import { parseCidr } from "./addresses";
import { guestAddress } from "./drivers/qemu/arguments";
import { machineFiles } from "./paths";
import { writeSeed } from "./seed";
import type { MachineRecord } from "./store";

/** Writes it anew. QEMU's user-mode network and VirtualBox's NAT have the same addresses: 10.0.2.2 is the host, 10.0.2.3 resolves names. */
export async function writeNodeSeed({ machineId, spec, network, hostKey }: MachineRecord): Promise<void> {
  const files = machineFiles(spec.name);
  const links = [
    {
      name: "eth0",
      mac: network.macs[0],
      address: `${guestAddress}/24`,
      gateway: "10.0.2.2",
      nameserver: "10.0.2.3",
    },
    {
      name: "eth1",
      mac: network.macs[1],
      address: `${network.privateAddress}/${parseCidr(spec.subnet).prefix}`,
    },
  ];
  await writeSeed(
    {
      instanceId: machineId,
      hostName: spec.name,
      authorizedKeys: [await readFile(`${files.identity}.pub`, "utf8")],
      hostKeyPrivate: await readFile(files.hostKey, "utf8"),
      hostKeyPublic: hostKey,
      links,
    },
    files.seed,
  );
}
