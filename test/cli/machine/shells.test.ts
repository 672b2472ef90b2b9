import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shells } from "../../../cli/machine/shells";
import { findProgram } from "../../../host/tools";

/** fish writes into it. */
const empty = mkdtempSync(join(tmpdir(), "vmcluster-test-"));
afterAll(() => rmSync(empty, { recursive: true }));

const folder = "/tmp/it's a home/ssh/bin";
const value = `a 'b' "c" $HOME \`id\``;

/** The PATH and the variable that a real shell has after lines. */
function shellAfter(program: string, lines: readonly string[]): { path: string; value: string } {
  const show = "printenv PATH; printenv VMCLUSTER_TEST; exit 0";
  const { stdout } = spawnSync(program, ["-c", [...lines, show].join("\n")], {
    encoding: "utf8",
    env: { PATH: "/usr/bin:/bin", HOME: empty },
  });
  const [path = "", text = ""] = stdout.split("\n");
  return { path, value: text };
}

const here = shells.flatMap((shell) =>
  shell.names
    .filter((name) => findProgram(name) !== undefined && name !== "powershell")
    .map((name) => ({ name, shell })),
);

describe.each(here)("$name", ({ name, shell }) => {
  it("sets and unsets a variable, whatever is in it", () => {
    const set = shell.set("VMCLUSTER_TEST", value);
    expect(shellAfter(name, [set]).value).toBe(value);
    expect(shellAfter(name, [set, shell.unset("VMCLUSTER_TEST")]).value).toBe("");
  });

  it("puts a folder first on PATH once, and takes it off from wherever it is", () => {
    const add = shell.pathWith(folder);
    expect(shellAfter(name, [add, add]).path).toBe(`${folder}:/usr/bin:/bin`);
    expect(shellAfter(name, [add, shell.pathWithout(folder)]).path).toBe("/usr/bin:/bin");
    expect(shellAfter(name, [shell.pathWithout(folder)]).path).toBe("/usr/bin:/bin");
    const later = [add, shell.pathWith("/opt"), shell.pathWithout(folder)];
    expect(shellAfter(name, later).path).toBe("/opt:/usr/bin:/bin");
  });
});

it("has words for shells that are not on this machine too", () => {
  const [, , powershell, cmd] = shells;
  expect(powershell?.set("A", "it's")).toBe("$Env:A = 'it''s'");
  expect(cmd?.set("A", "b")).toBe("SET A=b");
  expect(cmd?.pathWith("C:\\x")).toBe("CALL SET PATH=C:\\x;%PATH%");
  expect(() => cmd?.set("A", "b & calc")).toThrow("cannot be set in cmd");
});
