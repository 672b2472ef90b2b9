/** How a program declares what was imported: TypeScript, by the convention of Pulumi's packages for modules and names. */
import type { StepInfo } from "../engine/index";
import type { ImportList } from "./importList";

export function declarations(steps: readonly StepInfo[], { requests, variables }: ImportList): string {
  const packages = [...new Set(steps.map(({ type }) => type.split(":")[0] ?? ""))].sort();
  const imports = ["pulumi", ...packages].map(
    (pkg) => `import * as ${identifier(pkg)} from ${JSON.stringify(`@pulumi/${pkg}`)};`,
  );
  // What is imported is declared with what comes from it: parents first, in the order in which they were imported.
  const resources = steps
    .filter(({ custom }) => custom)
    .map((step) => {
      const request = requests.find(({ type, name }) => type === step.type && name === step.name);
      const options = [
        ...(request?.parent ? [`parent: ${variableOf(request.parent, variables)}`] : []),
        ...(request?.protect ? ["protect: true"] : []),
        ...(request?.provider ? [`provider: ${variableOf(request.provider, variables)}`] : []),
      ];
      const name = variables.get(step.urn) ?? step.name;
      return `const ${identifier(name)} = new ${className(step.type)}(${JSON.stringify(step.name)}, ${literal(step.newInputs ?? {}, "")}${
        options.length === 0 ? "" : `, {\n${options.map((option) => `    ${option},\n`).join("")}}`
      });`;
    });
  return `${[...imports, "", ...resources].join("\n")}\n`;
}

/**
 * `docker:index/volume:Volume` is `docker.Volume`, `command:local:Command` is `command.local.Command`. Types come from a file or the command
 * line: nothing of them becomes code but names.
 */
function className(type: string): string {
  const [pkg = "", path = "", last = ""] = type.split(":");
  const folder = path.split("/")[0] ?? "";
  return [pkg, ...(folder === "index" || folder === "" ? [] : [folder]), last].map(identifier).join(".");
}

function variableOf(urn: string, variables: ReadonlyMap<string, string>): string {
  return identifier(variables.get(urn) ?? urn.slice(urn.lastIndexOf("::") + 2));
}

/** `my-volume` as `my_volume`, which is how Pulumi writes it. */
function identifier(name: string): string {
  const text = name.replace(/[^\w$]/g, "_");
  return /^\d/.test(text) ? `_${text}` : text;
}

function literal(value: unknown, indent: string): string {
  const inner = `${indent}    `;
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    // One element is written on the brackets' own lines.
    if (value.length === 1) return `[${literal(value[0], indent)}]`;
    return `[\n${value.map((element) => `${inner}${literal(element, inner)},\n`).join("")}${indent}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([key, item]) => !key.startsWith("__") && item !== null);
  if (entries.length === 0) return "{}";
  const property = (key: string): string => (/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key));
  return `{\n${entries.map(([key, element]) => `${inner}${property(key)}: ${literal(element, inner)},\n`).join("")}${indent}}`;
}
