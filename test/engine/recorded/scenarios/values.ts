/** Values of all kinds as inputs, outputs and exports. */
import { destroy, preview, ref, run, type Scenario, scenario, thing, up } from "../scenario";

const files = (text: string) => ({ "note.txt": text, "member.txt": "member" });
const asset = `
  const { FileAsset, StringAsset, AssetArchive, FileArchive } = pulumi.asset;
  exports.file = new Thing("file", { source: new FileAsset("note.txt") }).source;
  new Thing("text", { source: new StringAsset("TEXT") });
`;
const archive = `
  const { FileAsset, StringAsset, AssetArchive } = pulumi.asset;
  new Thing("pack", { source: new AssetArchive({ a: new StringAsset("a"), "b/c": new FileAsset("note.txt") }) });
`;

export const values: readonly Scenario[] = [
  scenario(
    "numbers, texts, lists, maps and nothing",
    up(
      thing("a", { value: [1, -1.5, 1e21, 0, "", "ünï ☃", true, false, null, [], {}, [[1], { x: null }]] }),
      thing("b", { value: ref("a"), map: { "a.b": 1, "c[0]": 2, "": 3, 'q"': 4 } }),
    ),
    up(),
    up(thing("a", { value: [1] }), thing("b", { value: ref("a"), map: {} })),
  ),
  scenario(
    "a value becomes nothing, and comes back",
    up(thing("a", { value: 1, text: "x" })),
    up(thing("a", { value: null, text: "x" })),
    up(thing("a", { text: "x" })),
    up(thing("a", { value: 1, text: "" })),
  ),
  scenario(
    "exports come, change and go",
    run(
      'exports.a = 1; exports.b = { c: [1, "x", null, true] }; exports.made = new Thing("a", { value: 1 }).made;',
    ),
    run('exports.b = { c: [2] }; exports.made = new Thing("a", { value: 1 }).made;'),
    run('new Thing("a", { value: 1 });'),
  ),
  scenario(
    "exports that are resources, promises, functions' results and secrets",
    run(`
      const a = new Thing("a", { value: 1 });
      exports.whole = a;
      exports.later = Promise.resolve([a.made, pulumi.secret("hush")]);
      exports.text = pulumi.interpolate\`made: \${a.made}\`;
      exports.all = pulumi.all([a.made, a.id]).apply(([made, id]) => ({ made, id }));
      exports.json = pulumi.jsonStringify({ a: a.made });
    `),
    run('exports.text = "none";'),
  ),
  scenario(
    "a program that is an async function",
    run(
      'module.exports = async () => { const a = new Thing("a", { value: 1 }); return { made: a.made, list: [a.id] }; };',
    ),
    destroy,
  ),
  scenario(
    "resources as inputs of resources",
    run(
      'const a = new Thing("a", { value: 1 }); new Thing("b", { peer: a, list: [a] }); new Group("g", {}, { peer: a });',
    ),
    run(
      'const a = new Thing("a", { size: 1 }); new Thing("b", { peer: a, list: [a] }); new Group("g", {}, { peer: a });',
    ),
    destroy,
  ),
  scenario(
    "outputs of outputs, with what they depend on",
    run(`
      const a = new Thing("a", { value: 1 });
      const b = new Thing("b", { value: a.made.apply((made) => new Thing("c", { value: made }).made) });
      new Thing("d", { value: pulumi.output({ x: a.made, y: [b.made, pulumi.secret(a.ownId)] }) });
    `),
    run(`
      const a = new Thing("a", { value: 2 });
      const b = new Thing("b", { value: a.made.apply((made) => new Thing("c", { value: made }).made) });
      new Thing("d", { value: pulumi.output({ x: a.made, y: [b.made, pulumi.secret(a.ownId)] }) });
    `),
  ),
  scenario(
    "assets",
    { ...run(asset.replace("TEXT", "one")), files: files("one") },
    { ...run(asset.replace("TEXT", "one")), files: files("one") },
    { ...run(asset.replace("TEXT", "two")), files: files("two") },
  ),
  scenario(
    "archives",
    { ...run(archive), files: files("one") },
    { ...run(archive) },
    { ...run(archive), files: files("two") },
  ),
  scenario(
    "secret assets",
    { ...run('new Thing("a", { source: pulumi.secret(new pulumi.asset.StringAsset("hush")) });') },
    { ...run('new Thing("a", { source: new pulumi.asset.StringAsset("hush") });') },
  ),
  scenario(
    "plain configuration, structured and secret",
    {
      ...run(`
        const config = new pulumi.Config();
        exports.name = config.require("name");
        exports.count = config.requireNumber("count");
        exports.deep = config.requireObject("deep");
        exports.token = config.requireSecret("token");
        exports.keys = config.requireSecretObject("keys");
        exports.other = new pulumi.Config("other").get("missing") ?? "preset";
        new Thing("a", { value: config.requireSecret("token"), deep: config.requireObject("deep") });
      `),
      config: {
        "sample:name": "x",
        "sample:count": 3,
        "sample:deep": { list: [1, "two", true], map: { a: "b" } },
        "sample:token": { $secret: "hush" },
        "sample:keys": { one: { $secret: "hush1" }, two: "open" },
      },
    },
    {
      ...up(),
      config: {
        "sample:name": "y",
        "sample:count": "4",
        "sample:deep": {},
        "sample:token": { $secret: "t" },
        "sample:keys": [],
      },
    },
  ),
  scenario(
    "configuration that is missing",
    { ...run('new Thing("a", { value: new pulumi.Config().require("nothing") });') },
    { ...up(), config: { "sample:nothing": "something" } },
  ),
  scenario(
    "log messages change nothing",
    run('pulumi.log.info("i"); pulumi.log.warn("w"); pulumi.log.debug("d"); new Thing("a", {});'),
  ),
  scenario(
    "a logged error fails the run",
    run('new Thing("a", {}); pulumi.log.error("wrong");'),
    run('new Thing("a", {});'),
  ),
  scenario(
    "a preview shows nothing that is not known",
    {
      ...preview(),
      program:
        'const a = new Thing("a", { value: 1 }); exports.made = a.made; exports.both = [a.made, 1]; exports.one = 1;',
    },
    up(),
    {
      ...preview(),
      program:
        'const a = new Thing("a", { value: 2 }); exports.made = a.made; exports.both = [a.made, 1]; exports.one = 2;',
    },
  ),
];
