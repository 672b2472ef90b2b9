import { LastLines } from "../../host/lastLines";

const after = (most: number, ...chunks: string[]): string => {
  const lines = new LastLines(most);
  for (const chunk of chunks) lines.add(chunk);
  return lines.text;
};

test("keeps the last whole lines that fit", () => {
  expect(after(20, "one\ntwo\n", "three")).toBe("one\ntwo\nthree");
  expect(after(9, "one\ntwo\n", "three")).toBe("two\nthree");
  expect(after(8, "one\ntwo\n", "three")).toBe("three");
});

test("leaves out a line that is too long, however it comes", () => {
  expect(after(8, "0123456789", "abc", "def\nnext\n")).toBe("next");
  expect(after(8, "0123456789\nnext")).toBe("next");
});

test("takes secrets out before it cuts", () => {
  const lines = new LastLines(12, (text) => text.replaceAll("hunter2", "[secret]"));
  for (const chunk of ["a line\n", "hun", "ter2\n", "b"]) lines.add(chunk);
  expect(lines.text).toBe("[secret]\nb");
});
