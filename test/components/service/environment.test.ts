import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { Checker } from "../../../components/service/checks";
import { environment } from "../../../components/service/environment";
import { known } from "../mocks";

const folder = mkdtempSync(join(tmpdir(), "vmcluster-environment-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Files of these texts. */
const files = (...texts: string[]): string[] =>
  texts.map((text, index) => {
    const file = join(folder, `${index}.env`);
    writeFileSync(file, text);
    return file;
  });

const made = (env: object | undefined, ...texts: string[]) =>
  environment(
    { image: "web:1", env: env as Record<string, string>, envFiles: files(...texts) },
    new Checker("web"),
  );

it("shows files of variables what `env` has, also what is known later, and the files before", async () => {
  const env = { HOST: pulumi.output("db"), PORT: "5432" };
  // biome-ignore lint/suspicious/noTemplateCurlyInString: variables of such files are written so
  const found = made(env, "NAME=ada\nPORT=lost\n", "URL=$NAME@${HOST:?must}:$PORT\n");
  expect(await known(found)).toEqual({ NAME: "ada", HOST: "db", PORT: "5432", URL: "ada@db:5432" });
  expect(await known(made(undefined, "A=1\n", "A=2$A\n"))).toEqual({ A: "21" });
});

it("keeps secret what is made of a secret", async () => {
  const found = made({ PASSWORD: pulumi.secret("hush") }, "URL=x:$PASSWORD\n");
  expect(await known(found)).toMatchObject({ URL: "x:hush" });
  expect(await pulumi.isSecret(found)).toBe(true);
});

it("warns of a variable that nobody has", async () => {
  const warn = jest.spyOn(pulumi.log, "warn").mockResolvedValue();
  await known(made({ A: "1" }, "\nB=$A$NOBODY_SET_THIS\n"));
  expect(warn.mock.calls).toEqual([
    [
      expect.stringMatching(
        /^web: envFiles: .*0\.env:2: the variable NOBODY_SET_THIS is not set: it is taken as empty$/,
      ),
    ],
  ]);
  warn.mockRestore();
});

it("refuses a file at once, whatever is known later", () => {
  const later = { A: pulumi.output(new Promise<string>(() => {})) };
  expect(() => made(later, "B=$A\nno assignment\n")).toThrow(
    /^web: envFiles: .*0\.env:2: is not of the form KEY=value$/,
  );
});
