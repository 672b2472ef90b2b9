/** Mistakes and forms of the kinds that were seen in files of users. */
import { join } from "node:path";
import { convert } from "../../../components/compose/convert";
import { missingData } from "../../../components/compose/data";
import { load } from "../../../components/compose/load";
import { warningText } from "../../../components/compose/place";
import { args, folder, read, service } from "./converted";

it.each([
  ["1d", "24h"],
  ["1w2d", "216h"],
  ["1.5d", "36h"],
])("reads the duration %s, as Docker Compose does", (text, asGo) =>
  expect(args(`stop_grace_period: ${text}`)).toMatchObject({ stopGracePeriod: asGo }),
);

it("takes an IPv6 address without brackets before both ports, as docker stack does", () => {
  const { plan, warnings } = service('ports: ["::1:3:4"]');
  expect(plan.services.web?.args.ports).toMatchObject([{ target: 4, published: 3 }]);
  expect(warnings.map(warningText)).toEqual([expect.stringContaining("the address ::1 is ignored")]);
  expect(() => service('ports: ["::1:3"]')).toThrow(/ports\.0: /);
});

it("refuses a share of the memory", () =>
  expect(() => service('tmpfs: ["/e:size=10%"]')).toThrow(
    /:4: services\.web\.tmpfs\.0: .*a swarm has no shares of a node's memory/,
  ));

it("refuses other keys of an external volume that nothing uses", () =>
  expect(() =>
    read({
      "unused.yml": "services: { a: { image: i } }\nvolumes:\n  v:\n    external: true\n    driver: x\n",
    }),
  ).toThrow(/unused\.yml:5: volumes\.v\.driver: an external volume is there already/));

it.each([
  ["deploy: { placement: { constraints: [node.label.disk == ssd] } }", "deploy.placement.constraints.0"],
  ["deploy: { placement: { preferences: [{ spread: datacenter }] } }", "deploy.placement.preferences.0"],
  ["dns: [nohost]", "dns.0"],
])("refuses %s where the line is known", (text, path) =>
  expect(() => service(text)).toThrow(`:4: services.web.${path}: `),
);

it("tells other verbs than up of a secret's file that is not there, by its line", () => {
  read({ "gone.yml": "services: { a: { image: i, secrets: [s] } }\nsecrets:\n  s:\n    file: gone.txt\n" });
  const loaded = load({ files: [join(folder, "gone.yml")] });
  expect(missingData(convert(loaded, "shop").plan, loaded)).toEqual([
    expect.stringMatching(/gone\.yml:4: secrets\.s\.file: the file .*gone\.txt cannot be read$/),
  ]);
});
