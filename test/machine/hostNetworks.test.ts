import { networkInterfaces } from "node:os";
import { parseCidr } from "../../machine/addresses";
import { checkSubnet, type HostNetwork, hostNetworks, parseRoutes } from "../../machine/hostNetworks";
import { message } from "../refusal";

const network = (cidr: string, name = "eth0", kind: HostNetwork["kind"] = "address"): HostNetwork => ({
  name,
  cidr: parseCidr(cidr),
  kind,
});

it.each([
  ..."8.8.8.0/24 172.32.0.0/24 192.169.0.0/24 127.0.0.0/24 169.254.0.0/24 224.0.0.0/24 100.64.0.0/24 11.0.0.0/8".split(
    " ",
  ),
])("refuses %s, which is no private network", (subnet) => {
  expect(message(() => checkSubnet("m1", subnet, []))).toMatch(
    new RegExp(
      `^machine "m1": subnet: "${subnet}" is not a private network\\n[\\s\\S]*10\\.0\\.0\\.0/8, 172\\.16\\.0\\.0/12, 192\\.168\\.0\\.0/16`,
    ),
  );
});

it.each([
  [
    "192.168.56.0/24",
    network("192.168.56.20/24"),
    /overlaps 192\.168\.56\.0\/24, a network of this host \(eth0\)/,
  ],
  ["192.168.56.0/24", network("192.168.0.7/16"), /overlaps 192\.168\.0\.0\/16/],
  ["172.17.0.0/16", network("172.17.0.1/16", "docker0"), /docker0/],
  ["10.8.0.0/24", network("10.8.0.2/32", "wg0"), /10\.8\.0\.2\/32, a network of this host \(wg0\)/],
  ["10.9.0.0/16", network("10.9.4.0/24", "tun0", "route"), /10\.9\.4\.0\/24, a route of this host \(tun0\)/],
])("refuses %s where the host has %j, and says a free one", (subnet, taken, expected) => {
  const said = message(() => checkSubnet("m1", subnet, [network("10.0.0.1/24"), taken]));
  expect(said).toMatch(expected);
  expect(said).toMatch(/choose another subnet, such as (192\.168\.\d+|172\.30\.56)\.0\/24/);
});

it("takes what only meets default routes, and warns of a route to a larger network", () => {
  const none = ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1"].map((cidr) => network(cidr, "tun0", "route"));
  expect(checkSubnet("m1", "192.168.56.0/24", [...none, network("192.168.57.1/24")])).toBeUndefined();
  expect(checkSubnet("m1", "10.20.0.0/24", [network("10.0.0.0/8", "tun0", "route")])).toMatch(
    /subnet: "10\.20\.0\.0\/24" is a part of 10\.0\.0\.0\/8, to which this host has a route \(tun0\)/,
  );
});

it("reads the kernel's routes", () => {
  const table =
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n" +
    "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n" +
    "tun0\t0000080A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n";
  expect(parseRoutes(table)).toEqual([
    { name: "eth0", cidr: { base: 0, prefix: 0 }, kind: "route" },
    network("10.8.0.0/24", "tun0", "route"),
  ]);
});

it("knows this host's networks, but for VirtualBox's", () => {
  const names = hostNetworks().map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(Object.keys(networkInterfaces()).filter((name) => !name.startsWith("vboxnet"))),
  );
});
