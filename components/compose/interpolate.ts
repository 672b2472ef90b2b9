/** Variables in texts: `$A`, `${A}`, `${A:-else}`, `${A-else}`, `${A:?why}`, `${A?why}`, `${A:+then}`, `${A+then}`, and `$$` for a dollar sign. */

export interface Variables {
  get(name: string): string | undefined;
}

export class BadTemplate extends Error {
  /** @param why without the text, which may be secret */
  constructor(
    readonly why: string,
    text?: string,
  ) {
    super(text === undefined ? why : `${JSON.stringify(text)}: ${why}`);
  }
}

/**
 * The text with its variables replaced.
 *
 * @param unset is told names of variables that have no value and no default: they are empty
 * @param lenient a dollar sign that starts no variable is one, as it is
 */
export function interpolate(
  text: string,
  variables: Variables,
  unset: (name: string) => void = () => {},
  lenient = false,
): string {
  let result = "";
  for (let index = 0; index < text.length; ) {
    const dollar = text.indexOf("$", index);
    if (dollar < 0) return result + text.slice(index);
    result += text.slice(index, dollar);
    const after = text.slice(dollar + 1);
    const [name] = /^[A-Za-z_][A-Za-z0-9_]*/.exec(after) ?? [];
    if (after.startsWith("$")) {
      result += "$";
      index = dollar + 2;
    } else if (name !== undefined) {
      result += variable(name, variables, unset);
      index = dollar + 1 + name.length;
    } else if (after.startsWith("{")) {
      const inside = after.slice(1, closing(after, text));
      result += expression(inside, text, variables, unset, lenient);
      index = dollar + inside.length + 3;
    } else if (lenient) {
      result += "$";
      index = dollar + 1;
    } else {
      throw new BadTemplate("a $ must stand before a variable; $$ is a dollar sign", text);
    }
  }
  return result;
}

function variable(name: string, variables: Variables, unset: (name: string) => void): string {
  const value = variables.get(name);
  if (value === undefined) unset(name);
  return value ?? "";
}

/** Index of the brace that closes the first one: what is between may have braces of its own, in pairs, or else only variables. */
function closing(text: string, all: string): number {
  const index = matching(text, /[{]/) ?? matching(text, /(?<=\$|^)[{]/);
  if (index === undefined) throw new BadTemplate("a ${ is not closed", all);
  return index;
}

function matching(text: string, opens: RegExp): number | undefined {
  let depth = 0;
  for (const { index, 0: brace } of text.matchAll(new RegExp(`${opens.source}|[}]`, "g"))) {
    depth += brace === "}" ? -1 : 1;
    if (depth === 0) return index;
  }
  return undefined;
}

function expression(
  inside: string,
  all: string,
  variables: Variables,
  unset: (name: string) => void,
  lenient: boolean,
): string {
  const match = /^([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?+])([\s\S]*))?$/.exec(inside);
  if (!match)
    throw new BadTemplate(
      `what is in \${…} is no variable, nor one with a default (\${A:-b}), an error (\${A:?why}) or an alternative (\${A:+b})`,
      all,
    );
  const [, name = "", operator, word = ""] = match;
  if (operator === undefined) return variable(name, variables, unset);
  const value = variables.get(name);
  const there = value !== undefined && !(operator.startsWith(":") && value === "");
  const otherwise = (): string => interpolate(word, variables, unset, lenient);
  if (operator.endsWith("-")) return there ? value : otherwise();
  if (operator.endsWith("+")) return there ? otherwise() : "";
  if (!there) throw new BadTemplate(`the variable ${name} is required: ${otherwise() || "it has no value"}`);
  return value;
}
