/** What both engines preview: previewDigest.test.ts, and previewDigest.json that was recorded with the Pulumi CLI. */
const pulumi = require("@pulumi/pulumi");
const { local } = require("@pulumi/command");
const config = new pulumi.Config();
const second = config.get("second") === "yes";
console.log("printed");
console.log("printed");
console.log("");
console.error("to standard error");
pulumi.log.info("said");
pulumi.log.warn("warned");
class Group extends pulumi.ComponentResource {
  constructor(name) {
    super("lab:index:Group", name);
    this.registerOutputs({ done: true });
  }
}
const one = new local.Command(
  "one",
  { create: "echo hi", environment: { V: second ? "2" : "1" } },
  { parent: new Group("group"), protect: second },
);
new local.Command("replaced", { create: "echo hi", triggers: [second] });
new local.Command(second ? "new" : "old", { create: "echo hi", stdin: one.stdout });
pulumi.log.info("said of one", one);
exports.out = one.stdout;
exports.hidden = pulumi.secret("hush");
