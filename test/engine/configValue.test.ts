/** What Pulumi 3.248.0 gives a program for what is written in Pulumi.<stack>.yaml. */
import { configText, parseConfigYaml } from "../../engine/configValue";

test.each([
  ["017", "15"],
  ["0x1F", "31"],
  ["0o17", "15"],
  ["0b101", "5"],
  ["1_000", "1000"],
  ["1e3", "1000"],
  ["1.10", "1.1"],
  ["12345678901234567890", "12345678901234567890"],
  ["123456789012345678901234567890", "1.2345678901234568e+29"],
  ["-9223372036854775808", "-9223372036854775808"],
  ["-9223372036854775809", "-9223372036854776000"],
  [".5", "0.5"],
  ["1e21", "1e+21"],
  ["0.0000001", "1e-7"],
  ["2020-01-01", "2020-01-01 00:00:00 +0000 UTC"],
  ["yes", "yes"],
  ["~", ""],
  ["", ""],
  ['"007"', "007"],
  ["+5", "5"],
  ["-0", "0"],
  ["True", "true"],
  ["1.0", "1"],
  [
    '[9007199254740993, 12345678901234567890, 1.0, "<&>", null, 2020-01-01]',
    '[9007199254740993,12345678901234567000,1,"\\u003c\\u0026\\u003e",null,"2020-01-01 00:00:00 +0000 UTC"]',
  ],
  ['{"10": x, "9": y, "é": 1, "z": 2, "Z": 3}', '{"10":"x","9":"y","Z":3,"z":2,"é":1}'],
  ["{1: a, true: b}", '{"1":"a","true":"b"}'],
  ["{}", "{}"],
  ["[]", "[]"],
])("%s", (written, text) => {
  const { value } = parseConfigYaml(`value: ${written}\n`).toJS() as { value: unknown };
  expect(configText(value)).toBe(text);
});

test("a file that is written again keeps its whole numbers", () => {
  const document = parseConfigYaml("a: 12345678901234567890 # mine\nb: 0x1F\nc: 017\n");
  document.set("d", "new");
  expect(document.toString()).toBe("a: 12345678901234567890 # mine\nb: 0x1F\nc: 017\nd: new\n");
});
