/** Values as TypeScript, laid out as formatters do. What is data stays data: only `Code` and the parts of `Literal` are written as they are. */

/** Text that is code already. Never made of texts of a file. */
export class Code {
  constructor(readonly text: string) {}
}

/** An object with others spread into it, before and after its own fields. */
export class Literal {
  constructor(
    readonly before: readonly Code[],
    readonly fields: Readonly<Record<string, unknown>>,
    readonly after: readonly Code[] = [],
  ) {}
}

const width = 110;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Code);

/** What ends a line for some readers, or is not seen: JSON leaves it as it is. */
const unseen = /[\u007f-\u009f\u2028\u2029\p{Cf}]/gu;

/** In double quotes, unless single ones need fewer backslashes. */
export function quoted(value: string): string {
  const double = JSON.stringify(value).replace(unseen, (letter) =>
    [...Array(letter.length).keys()]
      .map((index) => `\\u${letter.charCodeAt(index).toString(16).padStart(4, "0")}`)
      .join(""),
  );
  const [doubles, singles] = ['"', "'"].map((quote) => value.split(quote).length - 1) as [number, number];
  return doubles > singles
    ? `'${double.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
    : double;
}

/** `__proto__` in a literal would set the prototype, unless it is computed. */
const key = (name: string): string =>
  name === "__proto__" ? '["__proto__"]' : /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);

type Part = { readonly spread: string } | { readonly key: string; readonly value: unknown };

/** What stands in the braces of an object, in order. */
function partsOf(value: Readonly<Record<string, unknown>> | Literal): Part[] {
  const { before, fields, after } = value instanceof Literal ? value : new Literal([], value);
  const spread = ({ text }: Code): Part => ({ spread: `...${text}` });
  return [
    ...before.map(spread),
    ...Object.entries(fields).map(([name, one]) => ({ key: key(name), value: one })),
    ...after.map(spread),
  ];
}

/** @param taken columns of the line that are in use, before and after it */
function code(value: unknown, indent: string, taken: number): string {
  const line = inline(value);
  if (line !== undefined && taken + line.length <= width) return line;
  const inner = `${indent}  `;
  if (Array.isArray(value) && value.every((item) => typeof item === "number"))
    return `[\n${filledLines(value, inner)}${indent}]`;
  if (Array.isArray(value))
    return `[\n${value.map((item) => `${inner}${code(item, inner, inner.length + 1)},\n`).join("")}${indent}]`;
  if (isObject(value)) {
    const entries = partsOf(value).map((part) => {
      if ("spread" in part) return `${inner}${part.spread},\n`;
      const { key: name, value: one } = part;
      const start = `${inner}${name}: `;
      // As formatters have it, short keys keep their value on the line.
      if (typeof one === "string" && name.length > 4 && start.length + quoted(one).length + 1 > width)
        return `${inner}${name}:\n${inner}  ${quoted(one)},\n`;
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
export function inline(value: unknown): string | undefined {
  if (value instanceof Code) return value.text;
  if (Array.isArray(value)) {
    const objects = value.filter((item) => isObject(item) && partsOf(item).length > 1);
    if (value.length > 1 && objects.length === value.length) return undefined;
    return bracketed("[", value.map(inline), "]");
  }
  if (typeof value === "string") return quoted(value);
  if (!isObject(value)) return JSON.stringify(value);
  const parts = partsOf(value);
  if (parts.length === 0) return "{}";
  return bracketed(
    "{ ",
    parts.map((part) => {
      if ("spread" in part) return part.spread;
      const text = inline(part.value);
      return text === undefined ? undefined : `${part.key}: ${text}`;
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
