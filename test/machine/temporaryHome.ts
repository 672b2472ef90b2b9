import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type MachineSpecInput, machineSpec } from "../../machine/spec";
import type { MachineRecord } from "../../machine/store";

/** A VMCLUSTER_HOME of its own for each test of a file, removed after it. */
export function useTemporaryHome(): () => string {
  let home = "";
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "vmcluster-test-"));
    process.env.VMCLUSTER_HOME = home;
    delete process.env.VMCLUSTER_IMAGES;
  });
  afterEach(() => {
    delete process.env.VMCLUSTER_HOME;
    rmSync(home, { recursive: true, force: true });
  });
  return () => home;
}

export const spec = (changes: Partial<MachineSpecInput> = {}) =>
  machineSpec.parse({ name: "vm1", cluster: "blue", ...changes });

export function record(changes: Partial<MachineRecord> = {}): MachineRecord {
  return {
    version: 1,
    phase: "ready",
    spec: spec({ ports: [4000] }),
    machineId: "3f0f5f3c-9c0c-4d57-8f5c-0f6a3a1f3a11",
    image: "0123456789abcdef",
    images: [],
    network: {
      address: "127.9.8.7",
      sshPort: 2222,
      privateAddress: "192.168.56.11",
      macs: ["52:54:00:00:00:01", "52:54:00:00:00:02"],
      multicast: "239.200.1.2:20123",
    },
    hostKey: "ssh-ed25519 AAAAhost",
    condition: "ok",
    ...changes,
  };
}
