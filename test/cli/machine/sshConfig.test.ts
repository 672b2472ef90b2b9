import { withBlock, withoutBlock } from "../../../cli/machine/sshConfig";
import { useTemporaryHome } from "../../machine/temporaryHome";

const home = useTemporaryHome();

const own = "Host *\n  User me\n";

it("puts its lines first, once, and takes just these away again", () => {
  const installed = withBlock(own);
  expect(installed).toMatch(/^# vmcluster machines of .*: begin\nInclude ".*\/machines\/\*\/ssh_config"\n#/);
  expect(installed.endsWith(own)).toBe(true);
  expect(withBlock(installed)).toBe(installed);
  expect(withoutBlock(installed)).toBe(own);
  expect(withoutBlock(own)).toBe(own);
  expect(withoutBlock(withBlock(""))).toBe("");
});

it("keeps the lines of two homes apart", () => {
  const first = withBlock(own);
  process.env.VMCLUSTER_HOME = `${home()}/other`;
  const both = withBlock(first);
  expect(both.match(/^Include/gm)).toHaveLength(2);
  expect(withoutBlock(both)).toBe(first);
});
