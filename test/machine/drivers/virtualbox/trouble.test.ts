import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { troubleIn, troubleOf } from "../../../../machine/drivers/virtualbox/trouble";

/** The lines of VirtualBox 7.2.22's log when a guest's CPU failed. */
const crashed = `00:00:01.969337 Changing the VM state from 'POWERING_ON' to 'RUNNING'
00:00:07.608314 Changing the VM state from 'RUNNING' to 'GURU_MEDITATION'
00:00:07.612556 !!         VCPU0: Guru Meditation 1155 (VINF_EM_TRIPLE_FAULT)
00:00:07.816298 Tracing is disabled
`;

it("finds the crash of a CPU, and the message of the last error of a device", () => {
  expect(troubleIn(crashed)).toBe("Guru Meditation 1155 (VINF_EM_TRIPLE_FAULT)");
  const full = `${crashed}00:01:00.0 Console: VM runtime error: fatal=false, errorID=DrvVD_DISKFULL message="Host system reported disk full."\n`;
  expect(troubleIn(full)).toBe("Host system reported disk full.");
  expect(troubleIn("00:00:01.0 all is well\n")).toBeUndefined();
});

it("reads the log of a machine that was halted, and of no other", () => {
  const folder = mkdtempSync(join(tmpdir(), "vmcluster-test-"));
  const info = (state: string): Map<string, string> =>
    new Map([
      ["VMState", state],
      ["LogFldr", folder],
    ]);
  expect(troubleOf(info("paused"))).toBe('VirtualBox calls it "paused"');
  writeFileSync(join(folder, "VBox.log"), crashed);
  expect(troubleOf(info("gurumeditation"))).toMatch(/TRIPLE_FAULT/);
  expect(troubleOf(info("running"))).toBeUndefined();
  expect(troubleOf(info("poweroff"))).toBeUndefined();
  expect(troubleOf(undefined)).toBeUndefined();
  rmSync(folder, { recursive: true });
});
