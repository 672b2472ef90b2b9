import { stripVTControlCharacters } from "node:util";
import { type CommandUnderTest, eachTestOn } from "./command";

/** A terminal of 100 columns and 30 lines, made by script(1) of util-linux: what a person sees and answers. */
jest.setTimeout(120_000);

const program = `
const pulumi = require("@pulumi/pulumi");
const { local } = require("@pulumi/command");
new local.Command("slow", { create: "for i in 1 2 3; do echo waiting $i; sleep 1; done" });
console.log("program says hello");
`;

let vmcluster: CommandUnderTest;
eachTestOn(program, (made) => {
  vmcluster = made;
});

/** Runs the command in the terminal and types the answers, one for each time that the question ends. */
async function inTerminal(
  args: string,
  answers: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; raw: string }> {
  const child = vmcluster.startProgram(
    "script",
    ["-qefc", `stty rows 30 cols 100; exec "$NODE" "$CLI" ${args}`, "/dev/null"],
    {
      TERM: "xterm",
      ...env,
    },
  );
  let raw = "";
  let asked = 0;
  child.stdout?.on("data", (chunk: Buffer) => {
    raw += chunk;
    const questions = raw.split("[yes/no/details] ").length - 1;
    for (; asked < questions; asked++) child.stdin?.write(`${answers[asked] ?? "no"}\n`);
  });
  const code = await new Promise<number | null>((done) => child.on("close", done));
  return { code, raw };
}

const text = (raw: string): string => stripVTControlCharacters(raw).replaceAll("\r", "");

it("asks after the preview, shows details, and redraws the tree while it works", async () => {
  const { code, raw } = await inTerminal("up", ["details", "yes"]);
  const seen = text(raw);
  expect(seen).toContain("Do you want to perform this update? [yes/no/details] details");
  expect(seen).toMatch(/\+ command:local:Command: \(create\)\n {8}\[urn=/);
  expect(seen).toMatch(/creating \(\ds\) waiting 1/);
  expect(seen).toMatch(/creating \(\ds\) waiting 3/);
  expect(seen).toMatch(
    / \+ {3}└─ command:local:Command {2}slow {5}created \(\ds\)\n\nResources:\n {4}\+ 2 created/,
  );
  expect(raw).toContain("\u001b[32m");
  // The cursor is hidden while lines are redrawn and shown again at the end.
  expect(raw.lastIndexOf("\u001b[?25h")).toBeGreaterThan(raw.lastIndexOf("\u001b[?25l"));
  expect(code).toBe(0);
});

it("makes nothing when the answer is no", async () => {
  const { code, raw } = await inTerminal("up", ["no"]);
  expect(text(raw)).toContain("error: confirmation declined, not proceeding with the update");
  expect(text(raw)).not.toContain("Updating (dev)");
  expect(code).toBe(1);
});

it("uses no colours with NO_COLOR", async () => {
  const { code, raw } = await inTerminal("preview", [], { NO_COLOR: "1" });
  expect(raw).not.toContain("\u001b[32m");
  expect(text(raw)).toContain("└─ command:local:Command  slow     create");
  expect(code).toBe(0);
});

it("prints lines with --non-interactive, and on a terminal that cannot redraw", async () => {
  for (const [args, env] of [
    ["preview --non-interactive", {}],
    ["preview", { TERM: "dumb" }],
  ] as const) {
    const { code, raw } = await inTerminal(args, [], env);
    expect(text(raw)).toContain(" +  command:local:Command slow create\n");
    expect(raw).not.toContain("\u001b[?25l");
    expect(code).toBe(0);
  }
});
