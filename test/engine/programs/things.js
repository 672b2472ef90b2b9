/**
 * Makes what `things.json` beside it says, a list of
 *   { name, kind?: "thing" | "other" | "group" | "provider", inputs?, options? }
 * in dependency order. In inputs, `{"$ref": "a.made"}` is an output of another and `{"$secret": x}` a secret; in options,
 * `parent`, `dependsOn`, `provider`, `deletedWith`, `replaceWith` are names and `id` (to read) is an input. Exports each
 * thing's `made`. A thing called `throw` ends the program with an error.
 */
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const pulumi = require("@pulumi/pulumi");
const { Thing, Other, Group, Provider } = require("./testing");

const made = {};

function value(json) {
  if (Array.isArray(json)) return json.map(value);
  if (typeof json !== "object" || json === null) return json;
  if (json.$ref !== undefined) {
    const [name, key] = json.$ref.split(".");
    return made[name][key];
  }
  if (json.$secret !== undefined) return pulumi.secret(value(json.$secret));
  return Object.fromEntries(Object.entries(json).map(([key, inner]) => [key, value(inner)]));
}

/** In an alias, `parent` is a name, or `null` for the stack. */
function alias(json) {
  if (typeof json === "string" || !("parent" in json)) return json;
  return { ...json, parent: json.parent === null ? pulumi.rootStackResource : made[json.parent] };
}

const list = JSON.parse(readFileSync(join(__dirname, "things.json"), "utf8"));
const outputs = {};
for (const { name, kind, inputs, options } of list) {
  if (name === "throw") throw new Error("the program failed on purpose");
  const { parent, dependsOn, provider, providers, deletedWith, replaceWith, id, aliases, ...rest } =
    options ?? {};
  const resolved = {
    ...rest,
    ...(parent && { parent: made[parent] }),
    ...(dependsOn && { dependsOn: dependsOn.map((other) => made[other]) }),
    ...(provider && { provider: made[provider] }),
    ...(providers && { providers: providers.map((other) => made[other]) }),
    ...(aliases && { aliases: aliases.map(alias) }),
    ...(rest.replacementTrigger && { replacementTrigger: value(rest.replacementTrigger) }),
    ...(deletedWith && { deletedWith: made[deletedWith] }),
    ...(replaceWith && { replaceWith: replaceWith.map((other) => made[other]) }),
    ...(id && { id: value(id) }),
  };
  if (kind === "group") made[name] = new Group(name, resolved);
  else if (kind === "provider") made[name] = new Provider(name, value(inputs ?? {}), resolved);
  else {
    made[name] = new (kind === "other" ? Other : Thing)(name, value(inputs ?? {}), resolved);
    outputs[name] = made[name].made;
  }
}
module.exports = outputs;
