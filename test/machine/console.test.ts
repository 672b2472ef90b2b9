import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { consoleTail, consoleText, followConsole } from "../../machine/console";
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

it("follows it in whole lines, from the beginning again when the machine is made anew, until no more comes", async () => {
  const file = join(home(), "console.log");
  writeFileSync(file, "one\r\ntw");
  const states = [
    () => writeFileSync(file, "one\r\ntwo\r\n"),
    () => writeFileSync(file, "new\r\n"),
    () => undefined,
  ];
  const lines: string[] = [];
  const alive = async (): Promise<boolean> => {
    states.shift()?.();
    return states.length > 0;
  };
  await followConsole(file, (line) => lines.push(line), alive, new AbortController().signal);
  expect(lines).toEqual(["one", "two", "new"]);
});
