/** docs/reference/arguments.md and settings.md, from the declarations of the components' arguments and the comments there. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { settings } from "../../stacks/config";
import { code, plain, root, wrapped } from "./markdown";

interface Property {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
  readonly text: string;
}

interface Declared {
  readonly name: string;
  readonly text: string;
  readonly bases: readonly string[];
  readonly properties: readonly Property[];
}

/** Interfaces that the library exports, in the order of index.ts. */
function declared(): Declared[] {
  const index = parse(join(root, "index.ts"));
  return index.statements.flatMap((statement) => {
    if (!ts.isExportDeclaration(statement) || statement.moduleSpecifier === undefined) return [];
    const from = (statement.moduleSpecifier as ts.StringLiteral).text;
    const clause = statement.exportClause;
    const names =
      clause !== undefined && ts.isNamedExports(clause)
        ? new Set(clause.elements.map((element) => element.name.text))
        : undefined;
    return interfaces(parse(join(dirname(index.fileName), `${from}.ts`))).filter(
      ({ name }) => names === undefined || names.has(name),
    );
  });
}

function parse(file: string): ts.SourceFile {
  if (!existsSync(file)) throw new Error(`${file}: not there`);
  return ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true);
}

const interfaces = (file: ts.SourceFile): Declared[] =>
  file.statements.filter(ts.isInterfaceDeclaration).map((node) => ({
    name: node.name.text,
    text: comment(node),
    bases: (node.heritageClauses ?? []).flatMap(({ types }) => types.map((type) => type.getText())),
    properties: node.members.filter(ts.isPropertySignature).map((member) => ({
      name: member.name.getText(),
      type: withoutInput(member.type?.getText() ?? ""),
      optional: member.questionToken !== undefined,
      text: comment(member),
    })),
  }));

function comment(node: ts.Node): string {
  const docs = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return docs.map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? "").join(" ");
}

/** A type with what Pulumi may know only later taken for its value. */
function withoutInput(type: string): string {
  const begin = type.indexOf("pulumi.Input<");
  if (begin < 0) return type;
  let depth = 0;
  for (let at = begin + "pulumi.Input".length; at < type.length; at++) {
    if (type[at] === "<") depth++;
    if (type[at] === ">" && type[at - 1] !== "=" && --depth === 0) {
      const inner = type.slice(begin + "pulumi.Input<".length, at);
      return withoutInput(type.slice(0, begin) + inner + type.slice(at + 1));
    }
  }
  return type;
}

function propertyLine({ name, type, optional, text }: Property): string {
  const needed = optional ? "" : ", required";
  return wrapped(`- ${code(name)} (${code(type)}${needed})${text === "" ? "" : `: ${plain(text)}`}`, "  ");
}

export function argumentReference(): string {
  const all = declared().filter(({ properties }) => properties.length > 0);
  const names = new Set(all.map(({ name }) => name));
  const link = (name: string): string => (names.has(name) ? `[${name}](#${name.toLowerCase()})` : code(name));
  const sections = all.flatMap(({ name, text, bases, properties }) => [
    `## ${name}`,
    "",
    ...(text === "" ? [] : [wrapped(plain(text)), ""]),
    ...(bases.length === 0 ? [] : [wrapped(`Has also what is in ${bases.map(link).join(", ")}.`), ""]),
    ...properties.map(propertyLine),
    "",
  ]);
  return [
    "# Every argument of the components",
    "",
    wrapped(
      "This page lists what you can give each component. `npm run docs` writes it from the code; your editor shows the same texts. Unless a text says otherwise, a value may be an output of another resource.",
    ),
    "",
    wrapped(`On this page: ${all.map(({ name }) => link(name)).join(", ")}.`),
    "",
    ...sections,
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}

export function settingsReference(): string {
  const stack = declared().find(({ name }) => name === "GetStartedStackArgs");
  const texts = new Map(stack?.properties.map(({ name, text }) => [name, text]));
  const lines = Object.keys(settings.shape).map((key) => {
    const text = texts.get(key);
    if (text === undefined || text === "") throw new Error(`GetStartedStackArgs says nothing of ${key}`);
    return wrapped(`- ${code(key)}: ${plain(text)}`, "  ");
  });
  return [
    "# Settings of the get-started stack",
    "",
    wrapped(
      "This page lists the settings of the program in this repository. Change one with `vmcluster config set memory 2048`, then run `vmcluster up`. `npm run docs` writes the page from the code.",
    ),
    "",
    ...lines,
    "",
  ].join("\n");
}
