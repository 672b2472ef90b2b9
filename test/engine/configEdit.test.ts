/** Where a path does not fit it is refused, as Pulumi 3.248.0 does, and nothing is written. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getConfig, initStack, removeConfig, setConfig } from "../../engine";
import { UserError } from "../../host/userError";

const dir = mkdtempSync(join(tmpdir(), "config-edit-"));
const options = { projectDir: dir, backendDir: dir, stack: "dev", passphrase: "p" };
const path = join(dir, "Pulumi.dev.yaml");
let salt = "";

beforeAll(async () => {
  writeFileSync(join(dir, "Pulumi.yaml"), "name: p\nruntime: nodejs\n");
  await initStack(options);
  salt = readFileSync(path, "utf8");
});
afterAll(() => rmSync(dir, { recursive: true }));

const before = `config:
  p:list:
    - a
  p:map:
    inner:
      deep: 1
  p:text: x
  p:id: 12345678901234567890
`;
const set = (key: string, value = "x"): Promise<void> =>
  setConfig({ ...options, key, value, path: true, secret: false });
beforeEach(() => writeFileSync(path, before + salt));

test.each([
  ["[bad", "is not valid"],
  ["list[0", "is not valid"],
  ["list[-1]", "is not valid"],
  ["list[x]", "is not valid"],
  ['list["x', "is not valid"],
  ["list.[0]", "is not valid"],
  [".list", "is not valid"],
  ["list.", "is not valid"],
  ["", "must begin with a name"],
  ["[0]", "must begin with a name"],
  ['[""]', "must begin with a name"],
  ["list.foo", "is a list"],
  ["list[2]", "the next one is [1]"],
  ["map[0]", "is an object"],
  ["map.inner[0]", "is an object"],
  ["map.inner.deep.more", "is not an object"],
  ["map.inner.deep[0]", "is not a list"],
  ["fresh.secure", "secure"],
  ["huge[999999999]", "list of more than"],
])("%s", async (key, message) => {
  const refused = set(key);
  await expect(refused).rejects.toThrow(UserError);
  await expect(refused).rejects.toThrow(message);
  expect(readFileSync(path, "utf8")).toBe(before + salt);
});

test("what fits is put there, and other values keep their digits", async () => {
  await set("list[1]", "9007199254740993");
  await set("fresh[2]", "true");
  await set("text.inner", "007");
  const text = readFileSync(path, "utf8");
  expect(text).toContain("p:id: 12345678901234567890");
  expect(await getConfig({ ...options, key: "list" })).toMatchObject({ value: '["a",9007199254740993]' });
  expect(await getConfig({ ...options, key: "fresh" })).toMatchObject({ value: "[null,null,true]" });
  expect(await getConfig({ ...options, key: "text.inner", path: true })).toMatchObject({ value: "007" });
  await expect(getConfig({ ...options, key: "list.length", path: true })).rejects.toThrow("not found");
  expect(await removeConfig({ ...options, key: "list.foo", path: true })).toBe(false);
  await expect(removeConfig({ ...options, key: "list[", path: true })).rejects.toThrow(UserError);
});
