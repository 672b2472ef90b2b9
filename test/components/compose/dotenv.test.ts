// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose files are written so
import { parseEnvFile } from "../../../components/compose/dotenv";

const outside = { get: (name: string) => ({ F: "from here", A: "outside" })[name] };
const parsed = (text: string) => Object.fromEntries(parseEnvFile(text, outside));

it("reads files of variables", () => {
  const text = `# comment
A=1 # two
export B="x\\ny $C"
C='$A #'
D=
E: yes
F
G="two
lines"
`;
  expect(parsed(text)).toEqual({
    A: "1",
    B: "x\ny ",
    C: "$A #",
    D: "",
    E: "yes",
    F: "from here",
    G: "two\nlines",
  });
});

it.each([
  ["V=#ff0000", "#ff0000"],
  ["V=a#b", "a#b"],
  ["V=a#b # c # d", "a#b"],
  ["V=a\t#b", "a\t#b"],
  ["V= # a value", "# a value"],
  ["V= #", "#"],
  ['V="a # b" # c', "a # b"],
  ['V="a"#b', "a"],
])("sees the comment in %j", (line, V) => expect(parsed(line)).toEqual({ V }));

it.each([
  ["V='Let\\'s go!'", "Let's go!"],
  ["V='a\\nb\\\\'", "a\\nb\\\\"],
  ['V="say \\"so\\""', 'say "so"'],
  ["V='two\n$A lines'", "two\n$A lines"],
])("finds the end of the quotes in %j", (line, V) => expect(parsed(line)).toEqual({ V }));

it.each([
  ["A=1\nno assignment here", 2, /^is not of the form KEY=value$/],
  ["A='b'c", 1, /^A: after the closing quote there can only be a comment$/],
  ["\nA='b\nc' D=e", 3, /^A: after the closing quote/],
  ["A='b\\'", 1, /^A: the quote is not closed$/],
  ["\nA=5${-secret", 2, /^A: a \$\{ is not closed$/],
])("refuses %j by its line, without a value", (text, line, message) => {
  const read = () => parseEnvFile(text, outside);
  expect(read).toThrow(message);
  expect(read).toThrow(expect.objectContaining({ line }));
});

it("replaces variables by those from outside, of files before and of lines before", () => {
  const values = new Map([
    ["ONE", "1"],
    ["TWO", "before"],
  ]);
  const unset: string[] = [];
  parseEnvFile("A=own\nTWO=2\nALL=$ONE$TWO$A\nNONE=${X-}\n\nV=$Y", outside, values, {
    unset: (line, name) => unset.push(`${line} ${name}`),
  });
  expect(Object.fromEntries(values)).toEqual({
    ONE: "1",
    TWO: "2",
    A: "own",
    ALL: "12outside",
    NONE: "",
    V: "",
  });
  expect(unset).toEqual(["6 Y"]);
});
