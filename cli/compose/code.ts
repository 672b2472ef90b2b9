/** Values as TypeScript, laid out as formatters do. */

/** Text that is code already. */
export class Code {
  constructor(readonly text: string) {}
}

const width = 110;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Code);

/** In double quotes, unless single ones need fewer backslashes. */
export function quoted(value: string): string {
  const double = JSON.stringify(value);
  const [doubles, singles] = ['"', "'"].map((quote) => value.split(quote).length - 1) as [number, number];
  return doubles > singles
    ? `'${double.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
    : double;
}

const key = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name));

/** @param taken columns of the line that are in use, before and after it */
export function code(value: unknown, indent: string, taken: number): string {
  const line = inline(value);
  if (line !== undefined && taken + line.length <= width) return line;
  const inner = `${indent}  `;
  if (Array.isArray(value) && value.every((item) => typeof item === "number"))
    return `[\n${filledLines(value, inner)}${indent}]`;
  if (Array.isArray(value))
    return `[\n${value.map((item) => `${inner}${code(item, inner, inner.length + 1)},\n`).join("")}${indent}]`;
  if (isObject(value)) {
    const entries = Object.entries(value).map(([name, one]) => {
      if (name.startsWith("...")) return `${inner}${name},\n`;
      const start = `${inner}${key(name)}: `;
      // As formatters have it, short keys keep their value on the line.
      if (typeof one === "string" && key(name).length > 4 && start.length + quoted(one).length + 1 > width)
        return `${inner}${key(name)}:\n${inner}  ${quoted(one)},\n`;
      return `${start}${code(one, inner, start.length + 1)},\n`;
    });
    return `{\n${entries.join("")}${indent}}`;
  }
  return line ?? "";
}

/** Numbers, as many on a line as fit. */
function filledLines(numbers: readonly number[], indent: string): string {
  const lines: string[] = [];
  let line = indent;
  for (const number of numbers) {
    if (line !== indent && `${line} ${number},`.length > width) {
      lines.push(line);
      line = indent;
    }
    line += `${line === indent ? "" : " "}${number},`;
  }
  return [...lines, line, ""].join("\n");
}

/** On one line; undefined where formatters never do. */
function inline(value: unknown): string | undefined {
  if (value instanceof Code) return value.text;
  if (Array.isArray(value)) {
    const objects = value.filter((item) => isObject(item) && Object.keys(item).length > 1);
    if (value.length > 1 && objects.length === value.length) return undefined;
    return bracketed("[", value.map(inline), "]");
  }
  if (typeof value === "string") return quoted(value);
  if (!isObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return "{}";
  return bracketed(
    "{ ",
    entries.map(([name, one]) => {
      const text = inline(one);
      if (name.startsWith("...")) return name;
      return text === undefined ? undefined : `${key(name)}: ${text}`;
    }),
    " }",
  );
}

function bracketed(open: string, parts: (string | undefined)[], close: string): string | undefined {
  return parts.some((part) => part === undefined) ? undefined : `${open}${parts.join(", ")}${close}`;
}

/** `new Type("name", args, options);`, with what comes before it. */
export function creation(before: string, type: string, values: readonly unknown[]): string {
  const parts = values.map(inline);
  if (parts.every((part) => part !== undefined)) {
    const line = `${before}new ${type}(${parts.join(", ")});`;
    if (line.length <= width) return line;
  }
  const last = values.at(-1);
  const first = parts.slice(0, -1).join(", ");
  if (isObject(last) && values.slice(0, -1).every((value) => !isObject(value)))
    return `${before}new ${type}(${first}, ${code(last, "", width)});`;
  return `${before}new ${type}(\n${values.map((value) => `  ${code(value, "  ", 3)},\n`).join("")});`;
}

/** `import { … } from "…";` */
export function importOf(names: Iterable<string>, from: string): string {
  const sorted = [...names].sort();
  const line = `import { ${sorted.join(", ")} } from "${from}";`;
  if (line.length <= width) return line;
  return ["import {", ...sorted.map((name) => `  ${name},`), `} from "${from}";`].join("\n");
}

/** Names for constants: each once, and none that means something else. */
export class Names {
  private readonly taken = new Set<string>();

  constructor(...taken: string[]) {
    for (const name of taken) this.taken.add(name);
  }

  /** From a name in the file, such as `my-db`: `myDb`, with the suffix. */
  of(name: string, suffix: string): string {
    const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
    const joined = words
      .map((word, index) => (index === 0 ? word : word[0]?.toUpperCase() + word.slice(1)))
      .join("");
    const start = `${/^[A-Za-z]/.test(joined) ? joined : `_${joined}`}${suffix}`;
    let found = start;
    for (let number = 2; this.taken.has(found); number++) found = `${start}${number}`;
    this.taken.add(found);
    return found;
  }
}
