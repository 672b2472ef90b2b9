import { createHash } from "node:crypto";
import { hostname, userInfo } from "node:os";
import type { NodeSSH } from "node-ssh";
import { home } from "../../../host/home";
import type { MachineRecord } from "../../store";
import { asRoot } from "./script";
import { hostFolder } from "./survey";

const script = `
mkdir -p ${hostFolder}
chmod 700 ${hostFolder}
umask 077
printf 'id=%s\\nby=%s\\n' "$id" "$by" >${hostFolder}/machine.new
mv ${hostFolder}/machine.new ${hostFolder}/machine
`;

/** Writes on the host whose machine it is, so that no other takes it too. */
export async function claimHost(session: NodeSSH, sshUser: string, machine: MachineRecord): Promise<void> {
  const { spec, machineId } = machine;
  const tag = createHash("sha256").update(home()).digest("hex").slice(0, 8);
  const by = `machine "${spec.name}" of ${userInfo().username}@${hostname()}, home ${tag}`;
  await asRoot(session, sshUser, script, { id: machineId, by });
}
