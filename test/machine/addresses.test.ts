import fc from "fast-check";
import {
  choosePrivateAddress,
  contains,
  loopbackCandidates,
  macOf,
  multicastOf,
  nextPrivateAddress,
  parseCidr,
} from "../../machine/addresses";
import { useTemporaryHome } from "./temporaryHome";

useTemporaryHome();

it("gives the first node of a network .11, the next .12", () => {
  const network = parseCidr("192.168.56.0/24");
  expect(nextPrivateAddress(network, new Set())).toBe("192.168.56.11");
  expect(nextPrivateAddress(network, new Set(["192.168.56.11"]))).toBe("192.168.56.12");
});

it("uses up every host address but the first, each once, and then has none", () => {
  fc.assert(
    fc.property(fc.integer({ min: 22, max: 29 }), fc.integer({ min: 0, max: 255 }), (prefix, third) => {
      const network = parseCidr(`10.9.${third}.77/${prefix}`);
      const taken = new Set<string>();
      for (let next = nextPrivateAddress(network, taken); next; next = nextPrivateAddress(network, taken)) {
        expect(contains(network, next)).toBe(true);
        expect(taken.has(next)).toBe(false);
        taken.add(next);
      }
      expect(taken.size).toBe(2 ** (32 - prefix) - 3);
    }),
    { numRuns: 10 },
  );
});

it("refuses a private address that another machine of the cluster has", () => {
  const wanted = { name: "vm2", subnet: "192.168.56.0/24", privateAddress: "192.168.56.11" };
  const taken = [{ name: "vm1", privateAddress: "192.168.56.11" }];
  expect(() => choosePrivateAddress(wanted, taken)).toThrow(/192\.168\.56\.11.*"vm1"/);
  expect(choosePrivateAddress(wanted, [])).toBe("192.168.56.11");
});

it("tries the same loopback addresses for a name in a home, others in another home, none that systems use", () => {
  const first = [...loopbackCandidates("vm1")];
  expect([...loopbackCandidates("vm1")]).toEqual(first);
  for (const address of first) {
    expect(address).toMatch(/^127\.\d+\.\d+\.\d+$/);
    expect(Number(address.split(".")[1])).toBeGreaterThan(1);
  }
  process.env.VMCLUSTER_HOME = "/elsewhere";
  expect([...loopbackCandidates("vm1")]).not.toEqual(first);
});

it("gives each cluster of each home a private network of its own", () => {
  const blue = multicastOf("blue");
  expect(blue).toMatch(/^239\.\d+\.\d+\.\d+:2\d{4}$/);
  expect(multicastOf("green")).not.toBe(blue);
  process.env.VMCLUSTER_HOME = "/elsewhere";
  expect(multicastOf("blue")).not.toBe(blue);
});

it("gives each link of each machine another MAC", () => {
  const macs = ["a", "b"].flatMap((id) => [macOf(id, 0), macOf(id, 1)]);
  expect(new Set(macs).size).toBe(4);
  for (const mac of macs) expect(mac).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
});
