import { Command, Option } from "commander";
import { candidates } from "../../../cli/completion/candidates";
import { machineCommand } from "../../../cli/machine";
import { addSwarmVerbs } from "../../../cli/swarm/verbs";

const program = new Command("vmcluster").addCommand(machineCommand());
program.command("up").description("make it so").option("-y, --yes", "do not ask");
program.command("secret", { hidden: true });
program.command("paint").addOption(new Option("-c, --color <c>", "colour").choices(["red", "blue"]));

program.enablePositionalOptions();
addSwarmVerbs(program);

const names = {
  machines: () => ["vm1", "vm2", "db"],
  services: () => ["web", "redis"],
  nodes: () => ["vm1", "vm2"],
  clusters: () => ["lab"],
};

const words = (...typed: string[]): string[] => candidates(program, typed, names).map(({ word }) => word);

it.each([
  [["u"], ["up"]],
  [
    ["up", "-"],
    ["--yes", "--help"],
  ],
  [["up", ""], []],
  [
    ["paint", "--color", ""],
    ["red", "blue"],
  ],
  [["paint", "-c", "r"], ["red"]],
  [
    ["machine", "st"],
    ["start", "stop", "status"],
  ],
  [
    ["machine", "start", ""],
    ["vm1", "vm2", "db"],
  ],
  [["machine", "start", "vm1", "v"], ["vm2"]],
  [["machine", "stop", "-f", "d"], ["db"]],
  [
    ["machine", "ssh", "v"],
    ["vm1", "vm2"],
  ],
  [["machine", "ssh", "vm1", "--", ""], []],
  [["machine", "scp", "-r", "d"], ["db:"]],
  [["machine", "scp", "file", "vm1"], ["vm1:"]],
  [["machine", "create", ""], []],
  [
    ["machine", "create", "--driver", ""],
    ["qemu", "virtualbox", "generic"],
  ],
  [["machine", "env", "--shell", "f"], ["fish"]],
  [
    ["machine", "ls", "--format", ""],
    ["table", "json"],
  ],
  [["nonsense", ""], []],
  [["log"], ["logs"]],
  [
    ["logs", ""],
    ["web", "redis"],
  ],
  [["logs", "-f", "--tail", "5", "w"], ["web"]],
  [["ps", "web", ""], ["redis"]],
  [
    ["ps", "--node", ""],
    ["vm1", "vm2"],
  ],
  [["nodes", "--machine", "d"], ["db"]],
  [["services", "--cluster", ""], ["lab"]],
  [["scale", "r"], ["redis="]],
  [["exec", "redis", ""], []],
])("%j -> %j", (typed, expected) => {
  expect(words(...typed)).toEqual(expected);
});

it("offers no name that a shell would read as more than a word", () => {
  const machines = () => ["vm1", "$(touch x)", "a b", "`id`", "a;b"];
  expect(candidates(program, ["machine", "start", ""], { machines })).toEqual([
    { word: "vm1", description: "" },
  ]);
});

it("says what commands are for", () => {
  expect(candidates(program, ["u"], names)).toEqual([{ word: "up", description: "make it so" }]);
});
