import { readFileSync } from "node:fs";
import { join } from "node:path";
import { oldestNode, unsuitable } from "../../cli/nodeVersion";

const root = join(__dirname, "../..");

it("refuses a Node.js that is too old, by its version, and Bun", () => {
  expect(unsuitable({ node: "18.20.8" })).toMatch(
    /^error: vmcluster needs Node\.js 20 or newer; this is 18\.20\.8 \(/,
  );
  expect(unsuitable({ node: "20.0.0" })).toBeUndefined();
  expect(unsuitable({ node: "100.1.0" })).toBeUndefined();
  expect(unsuitable({ node: "24.3.0", bun: "1.4.5" })).toMatch(/^error: vmcluster does not run in Bun\./);
});

it("is looked at before anything else is loaded, and asks for what package and launcher ask for", () => {
  const imports = readFileSync(join(root, "cli/main.ts"), "utf8").match(/^import .*$/gm);
  expect(imports?.[0]).toBe('import "./nodeVersion";');
  const { engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(engines.node).toBe(`>=${oldestNode}`);
  expect(readFileSync(join(root, "vmcluster"), "utf8")).toContain(`\noldest_node=${oldestNode}\n`);
});
