import { join } from "node:path";
import { haltOf, runState } from "../../../../machine/drivers/qemu/runState";

it("tells what halts a guest, and that a running one is not", () => {
  expect(haltOf("io-error")).toMatch(/disk full/);
  expect(haltOf("guest-panicked")).toMatch(/panicked/);
  expect(haltOf("running")).toBeUndefined();
  expect(haltOf("prelaunch")).toBeUndefined();
});

it("takes a machine whose QEMU does not answer for running", async () => {
  expect(await runState(join(__dirname, "no-such.sock"))).toBe("running");
});
