import { join } from "node:path";
import { chooseNetwork, type HostNetworks } from "../../../../machine/drivers/virtualbox/chooseNetwork";
import { allowedRanges, parseNetworksConf } from "../../../../machine/drivers/virtualbox/networksConf";

const mask = "255.255.255.0";
const adapter = { name: "vboxnet0", address: "192.168.56.1", netmask: mask };
const choose = (subnet: string, host: Partial<HostNetworks>) =>
  chooseNetwork(subnet, {
    hostOnly: [],
    links: [],
    allowed: allowedRanges("linux", join(__dirname, "no-such-file")),
    ...host,
  });

it("uses the host-only interface of the same range, also while the system shows it as its own", () => {
  const links = [adapter, { name: "eth0", address: "10.0.0.5", netmask: mask }];
  expect(choose("192.168.56.0/24", { hostOnly: [adapter], links })).toEqual({
    kind: "use",
    name: "vboxnet0",
  });
});

it("uses the first of two of one range, and makes no third", () => {
  const hostOnly = [adapter, { ...adapter, name: "vboxnet1" }];
  expect(choose("192.168.56.0/24", { hostOnly })).toEqual({ kind: "use", name: "vboxnet0" });
});

it("makes one where the range is free", () => {
  const expected = { kind: "create", address: "192.168.60.1", netmask: mask };
  expect(choose("192.168.60.0/24", { hostOnly: [adapter] })).toEqual(expected);
  const bare = [{ ...adapter, address: "0.0.0.0" }];
  expect(choose("192.168.60.0/24", { hostOnly: bare })).toEqual(expected);
});

it("names what has the range on this host", () => {
  const links = [{ name: "wlan0", address: "192.168.56.77", netmask: mask }];
  expect(choose("192.168.56.0/24", { links })).toEqual({
    kind: "collision",
    with: "wlan0 (192.168.56.77/24)",
  });
});

it("takes a host-only interface of another size for a collision", () => {
  const hostOnly = [{ ...adapter, netmask: "255.255.248.0" }];
  expect(choose("192.168.57.0/24", { hostOnly })).toEqual({
    kind: "collision",
    with: "VirtualBox's vboxnet0 (192.168.56.1/21)",
  });
});

it("stays inside VirtualBox where the range is not allowed", () => {
  expect(choose("10.9.0.0/24", {}).kind).toBe("internal");
  expect(choose("10.9.0.0/24", { allowed: parseNetworksConf("* 10.0.0.0/8\n") }).kind).toBe("create");
  expect(choose("10.9.0.0/24", { allowed: undefined }).kind).toBe("create");
});

it.each([
  ["* 10.0.0.0/8 192.168.0.0/16\n* 2001::/64\n", 2],
  ["# * 10.0.0.0/8\n", 0],
  ["10.0.0.0/8\n", 0],
  ["*\t172.16.0.0/12 # lab\n", 1],
  ["", 0],
])("reads networks.conf: %j", (text, ranges) => {
  expect(parseNetworksConf(text)).toHaveLength(ranges);
});
