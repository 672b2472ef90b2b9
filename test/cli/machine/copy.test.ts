import { placeOf, scpWord } from "../../../cli/machine/copy";

it.each([
  ["vm1:/etc/hosts", { machine: "vm1", path: "/etc/hosts" }, "vm1:/etc/hosts"],
  ["vm1:", { machine: "vm1", path: "" }, "vm1:"],
  ["vm1:a:b", { machine: "vm1", path: "a:b" }, "vm1:a:b"],
  ["vm1:$(id)", { machine: "vm1", path: "$(id)" }, "vm1:$(id)"],
  ["notes.txt", { path: "notes.txt" }, "./notes.txt"],
  ["./a:b", { path: "./a:b" }, "././a:b"],
  ["/tmp/a:b", { path: "/tmp/a:b" }, "/tmp/a:b"],
  ["-r", { path: "-r" }, "./-r"],
  [":x", { path: ":x" }, "./:x"],
])("reads %s as scp's users mean it, and gives scp a word it cannot mistake", (text, place, word) => {
  expect(placeOf(text)).toEqual(place);
  expect(scpWord(placeOf(text))).toBe(word);
});
