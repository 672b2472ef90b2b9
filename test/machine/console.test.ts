import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { consoleTail, consoleText } from "../../machine/console";
import { useTemporaryHome } from "./temporaryHome";

const home = useTemporaryHome();

it("shows the console without colours, empty lines and repeated ones", () => {
  const file = join(home(), "console.log");
  writeFileSync(file, "\u001b[0;32m  OK  \u001b[0m Started\r\n\r\nwaiting\r\nwaiting\r\nlast  \r\n");
  expect(consoleText(file)).toBe("  OK   Started\nwaiting\nlast");
  expect(consoleTail(file, 2)).toBe("    waiting\n    last");
});

it("says when there is nothing", () => {
  expect(consoleText(join(home(), "none"))).toBe("");
  expect(consoleTail(join(home(), "none"), 5)).toMatch(/empty/);
});
