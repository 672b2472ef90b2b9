import { nodeSettings } from "../../../components/cluster/nodeSettings";
import { known } from "../mocks";

const names = ["lab1", "lab2"];

it("gives each node what is said of it", async () => {
  const args = { nodeLabels: { lab2: { "example.com/rack": "a=b" } }, availability: { lab1: "drain" } };
  expect(await known(nodeSettings(names, args))).toEqual([
    { availability: "drain", labels: {} },
    { availability: undefined, labels: { "example.com/rack": "a=b" } },
  ]);
});

it.each<[Parameters<typeof nodeSettings>[1], RegExp]>([
  [
    { nodeLabels: { lab1: { "a=b": "c" } } },
    /^SwarmCluster: nodeLabels.lab1.a=b: a label's name must not be empty or contain =$/,
  ],
  [{ nodeLabels: { lab1: { "": "c" } } }, /nodeLabels.lab1: a label's name must not be empty/],
  [{ availability: { lab1: "off" } }, /availability.lab1: "off" must be active, pause or drain/],
])("refuses %j", (args, message) => {
  expect(() => nodeSettings(names, args)).toThrow(message);
});
