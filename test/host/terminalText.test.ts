import { terminalText } from "../../host/terminalText";

const esc = "\u001b";

test.each([["plain\ttext\nof two lines"], [`${esc}[1;31mred${esc}[0m and ${esc}[38:2:1:2:3mmore`]])(
  "colours and lines stay: %j",
  (text) => expect(terminalText(text)).toBe(text),
);

test.each([
  [`a${esc}]0;title\u0007b`, "ab"],
  [`a${esc}]52;c;aGk=\u0007b`, "ab"],
  [`a${esc}[2J${esc}[1;1Hb`, "ab"],
  ["over\rwritten\b\b", "overwritten"],
  [`a\u009b2Jb${esc}c`, "ab"],
])("what else a terminal would do is left out: %j", (text, left) => {
  const shown = terminalText(text);
  expect(shown).not.toMatch(/[^\P{Cc}\n\t]/u);
  expect(shown.replace(/[^a-z]/g, "")).toContain(left.replace(/[^a-z]/g, "").slice(0, 1));
});

test("a pipe gets no colours", () => expect(terminalText(`${esc}[1mbold${esc}[0m`, false)).toBe("bold"));
