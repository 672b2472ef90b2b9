import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { linkOf } from "../../../../../machine/drivers/qemu/privateNetwork/links";
import { record, useTemporaryHome } from "../../../temporaryHome";

const home = useTemporaryHome();
const path = process.env.PATH;
afterEach(() => {
  process.env.PATH = path;
  delete process.env.VMCLUSTER_PRIVATE_NETWORK;
});

/** The module anew, which asks a QEMU with these network backends. */
function withQemu(
  backends: readonly string[],
): typeof import("../../../../../machine/drivers/qemu/privateNetwork/choose") {
  const bin = join(home(), "bin");
  mkdirSync(bin);
  const lines = ["Available netdev backend types:", ...backends].map((line) => `echo ${line}`);
  writeFileSync(join(bin, "qemu-system-x86_64"), `#!/bin/sh\n${lines.join("\n")}\n`);
  chmodSync(join(bin, "qemu-system-x86_64"), 0o755);
  process.env.PATH = `${bin}:${path}`;
  jest.resetModules();
  return require("../../../../../machine/drivers/qemu/privateNetwork/choose");
}

it("is a socket of the machine's own in the home", async () => {
  const { linkFor } = withQemu(["socket", "stream", "user"]);
  expect(await linkFor(record())).toEqual({ socket: linkOf("blue", "vm1") });
  expect(linkOf("blue", "vm1").startsWith(join(home(), "machines/"))).toBe(true);
  expect(linkOf("green", "vm1")).not.toBe(linkOf("blue", "vm1"));
});

it("is refused by a QEMU that has none, with the way out, which then is taken", async () => {
  const { linkFor, requirePrivateNetwork } = withQemu(["socket", "user"]);
  await expect(requirePrivateNetwork()).rejects.toThrow(
    /^the qemu driver needs QEMU 7\.2 or later\n.*other users of this host.*\n.*VMCLUSTER_PRIVATE_NETWORK=multicast/,
  );
  await expect(linkFor(record())).rejects.toThrow(/needs QEMU 7\.2/);
  process.env.VMCLUSTER_PRIVATE_NETWORK = "multicast";
  await requirePrivateNetwork();
  expect(await linkFor(record())).toEqual({ multicast: record().network.multicast });
});

it("is no other than the two", async () => {
  const { requirePrivateNetwork } = withQemu(["stream"]);
  process.env.VMCLUSTER_PRIVATE_NETWORK = "open";
  await expect(requirePrivateNetwork()).rejects.toThrow(/^VMCLUSTER_PRIVATE_NETWORK: "open"\n.*multicast/);
});

it("fits into a socket's path however long home, cluster and machine are called", () => {
  const name = "m".repeat(30);
  expect(Buffer.byteLength(linkOf("c".repeat(30), name))).toBeLessThan(107);
  process.env.VMCLUSTER_HOME = join(home(), "long/".repeat(20));
  expect(Buffer.byteLength(linkOf("c".repeat(30), name))).toBeLessThan(107);
});
