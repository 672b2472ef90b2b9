import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { type Seed, seedFiles, writeSeed } from "../../machine/seed";
import { useTemporaryHome } from "./temporaryHome";

const home = useTemporaryHome();
const privateKey =
  "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\nAAAA==\n-----END OPENSSH PRIVATE KEY-----\n";
const seed: Seed = {
  instanceId: "3f0f5f3c-9c0c-4d57-8f5c-0f6a3a1f3a11",
  hostName: "vm1",
  authorizedKeys: ["ssh-ed25519 AAAAlogin\n"],
  hostKeyPrivate: privateKey,
  hostKeyPublic: "ssh-ed25519 AAAAhost",
  links: [
    {
      name: "eth0",
      mac: "52:54:00:00:00:01",
      address: "10.0.2.15/24",
      gateway: "10.0.2.2",
      nameserver: "10.0.2.3",
    },
    { name: "eth1", mac: "52:54:00:00:00:02", address: "192.168.56.11/24" },
  ],
};

it("is NoCloud that cloud-init reads too", () => {
  const files = seedFiles(seed);
  expect(parse(files["meta-data"])).toEqual({ "instance-id": seed.instanceId, "local-hostname": "vm1" });
  expect(files["user-data"].split("\n")[0]).toBe("#cloud-config");
  expect(parse(files["user-data"])).toEqual({
    disable_root: false,
    ssh_deletekeys: true,
    ssh_authorized_keys: ["ssh-ed25519 AAAAlogin"],
    ssh_keys: { ed25519_private: privateKey, ed25519_public: "ssh-ed25519 AAAAhost" },
    manage_etc_hosts: "localhost",
    updates: { network: { when: ["boot-new-instance", "boot"] } },
  });
  expect(parse(files["network-config"])).toEqual({
    version: 2,
    ethernets: {
      eth0: {
        match: { macaddress: "52:54:00:00:00:01" },
        "set-name": "eth0",
        addresses: ["10.0.2.15/24"],
        routes: [{ to: "0.0.0.0/0", via: "10.0.2.2" }],
        nameservers: { addresses: ["10.0.2.3"] },
      },
      eth1: {
        match: { macaddress: "52:54:00:00:00:02" },
        "set-name": "eth1",
        addresses: ["192.168.56.11/24"],
      },
    },
  });
});

/** Runs the node's own reader on folders of the test instead of the guest's. */
function inNode(script: string): string {
  const files = join(home(), "seed");
  mkdirSync(files);
  for (const [name, text] of Object.entries(seedFiles(seed))) writeFileSync(join(files, name), text);
  const root = join(home(), "root");
  for (const dir of ["etc/ssh", "root", "kept"]) mkdirSync(join(root, dir), { recursive: true });
  const reader = readFileSync(join(__dirname, "../../machine/image/initrd-seed.sh"), "utf8")
    .split("\nif seed=")[0]
    ?.replaceAll("/seed/", `${files}/`)
    .replaceAll("/root/", `${root}/`);
  const ran = spawnSync("sh", ["-c", `kept=${root}/kept\n${reader}\n${script}`], { encoding: "utf8" });
  expect(ran.stderr).toBe("");
  return ran.stdout;
}

it("gives the node its links", () => {
  expect(inNode("links").trim().split("\n")).toEqual([
    "52:54:00:00:00:01 addr 10.0.2.15/24",
    "52:54:00:00:00:01 via 10.0.2.2",
    "52:54:00:00:00:01 dns 10.0.2.3",
    "52:54:00:00:00:02 addr 192.168.56.11/24",
  ]);
});

it("gives the node its identity", () => {
  inNode("identity");
  const read = (path: string): string => readFileSync(join(home(), "root", path), "utf8");
  expect(read("etc/hostname")).toBe("vm1\n");
  expect(read("etc/machine-id")).toBe("3f0f5f3c9c0c4d578f5c0f6a3a1f3a11\n");
  expect(read("etc/hosts")).toMatch(/^127\.0\.0\.1\t.*\bvmcluster\.internal$/m);
  expect(read("etc/ssh/ssh_host_ed25519_key")).toBe(privateKey);
  expect(statSync(join(home(), "root/etc/ssh/ssh_host_ed25519_key")).mode & 0o077).toBe(0);
  expect(read("etc/ssh/ssh_host_ed25519_key.pub")).toBe("ssh-ed25519 AAAAhost\n");
  expect(read("root/.ssh/authorized_keys")).toBe("ssh-ed25519 AAAAlogin\n");
});

it("leaves what was changed in the node alone while it is the same machine", () => {
  inNode(`identity; echo changed >${join(home(), "root")}/etc/hostname; identity`);
  expect(readFileSync(join(home(), "root/etc/hostname"), "utf8")).toBe("changed\n");
});

it("is written as a volume labelled CIDATA that only its owner reads, with nothing left beside it", async () => {
  const file = join(home(), "seed.iso");
  await writeSeed(seed, file);
  // ISO 9660: the volume identifier is at byte 40 of the first descriptor, sector 16.
  const volume = readFileSync(file).subarray(16 * 2048 + 40, 16 * 2048 + 72);
  expect(volume.toString().trim()).toBe("CIDATA");
  expect(statSync(file).mode & 0o077).toBe(0);
  expect(readdirSync(home())).toEqual(["seed.iso"]);
});
