import { spawnSync } from "node:child_process";
import { remoteCommand } from "../../../cli/machine/ssh";

it("sends one word as it is, for the machine's shell", () => {
  expect(remoteCommand(["docker ps | wc -l"])).toEqual(["docker ps | wc -l"]);
  expect(remoteCommand([])).toEqual([]);
});

it("sends several words so that a shell reads just these", () => {
  const words = ["printf", "%s\\n", "{{.Name}} {{.State}}", "it's", '$HOME `id` "x"', "", "a;b", "--", "*"];
  const [sent = ""] = remoteCommand(words);
  const { stdout } = spawnSync("sh", ["-c", sent], { encoding: "utf8" });
  expect(stdout.split("\n").slice(0, -1)).toEqual(words.slice(2));
});
