import { checkMajority, nodeAddress, nodeName } from "../../../components/cluster/nodes";

describe("nodes of a cluster", () => {
  it("are numbered from 1", () => {
    expect([0, 1, 9].map((index) => nodeName("myvm", index))).toEqual(["myvm1", "myvm2", "myvm10"]);
  });

  it.each([
    ["192.168.56.0/24", 0, "192.168.56.11"],
    ["192.168.56.0/24", 49, "192.168.56.60"],
    ["10.0.255.0/16", 250, "10.0.1.5"],
    ["10.1.2.128/26", 1, "10.1.2.140"],
  ])("in %s, number %i has %s", (cidr, index, address) => {
    expect(nodeAddress(cidr, index)).toBe(address);
  });

  it.each(["192.168.56.0", "300.1.1.0/24", "10.0.0.0/33", "fd00::/64", ""])("are refused in %p", (cidr) => {
    expect(() => nodeAddress(cidr, 0)).toThrow(`subnet: "${cidr}" is not an IPv4 network`);
  });

  it("are refused when the network has no room", () => {
    expect(() => nodeAddress("10.0.0.0/28", 3)).not.toThrow();
    expect(() => nodeAddress("10.0.0.0/28", 4)).toThrow(/too small/);
  });
});

describe("the majority of the managers", () => {
  const node = (name: string, kind: string) => ({ name, stays: kind !== "lost", manager: kind !== "worker" });
  const nodes = (...kinds: string[]) => kinds.map((kind, index) => node(`n${index + 1}`, kind));

  it.each([
    [["stays", "stays", "lost"]],
    [["stays", "worker", "worker"]],
    [["lost"]],
    [["lost", "lost", "lost"]],
    [[]],
    [["stays", "stays", "stays", "lost", "lost"]],
  ])("may stay, or all may go: %j", (kinds) => {
    expect(() => checkMajority(nodes(...kinds))).not.toThrow();
  });

  it.each([
    [["lost", "stays", "lost"], /^n1 and n3 would be made anew at once.*it needs 2 of its 3 managers/],
    [["lost", "stays"], /^n1 would be made anew.*needs 2 of its 2 managers/],
  ])("is not lost in one go: %j", (kinds, message) => {
    expect(() => checkMajority(nodes(...kinds))).toThrow(message);
  });
});
