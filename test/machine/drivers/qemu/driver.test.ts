import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { QemuDriver } from "../../../../machine/drivers/qemu/driver";
import { writeMachine } from "../../../../machine/store";
import { record, useTemporaryHome } from "../../temporaryHome";

const home = useTemporaryHome();

it("names the port that another program has taken while the machine was stopped", async () => {
  const machine = record();
  writeMachine(machine);
  writeFileSync(join(home(), "machines/vm1/disk.qcow2"), "");
  const image = join(home(), `images/node-${machine.image}`);
  mkdirSync(image, { recursive: true });
  writeFileSync(join(image, "image.json"), JSON.stringify({ suite: "trixie", images: [] }));
  const other = createServer().listen(4000, machine.network.address);
  await once(other, "listening");
  try {
    await expect(new QemuDriver(() => undefined).start(machine)).rejects.toThrow(
      /^machine "vm1": port 4000 is already in use on this host\n.*127\.9\.8\.7.*\n.*choose another port/,
    );
  } finally {
    other.close();
  }
});
