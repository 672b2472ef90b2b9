/** Reads and writes the Markdown of the documents. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(__dirname, "../..");
export const width = 120;

/** The pages that people read: those of the first folder and all below docs/, relative to the root. */
export function pages(): string[] {
  const here = readdirSync(root).filter((name) => name.endsWith(".md"));
  const below = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
  return [...here, ...below.filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)].sort();
}

export const read = (page: string): string => readFileSync(join(root, page), "utf8");

/** A page without what is between fences, its lines in their places. */
export function prose(text: string): string[] {
  let fenced = false;
  return text.split("\n").map((line) => {
    const fence = line.trimStart().startsWith("```");
    if (fence) fenced = !fenced;
    return fence || fenced ? "" : line;
  });
}

/** What the headings of a page are linked by. */
export function anchors(text: string): Set<string> {
  const found = new Map<string, number>();
  const all = new Set<string>();
  for (const line of prose(text)) {
    const heading = /^#{1,6} (.*)$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const name = plain.replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
    const before = found.get(name) ?? 0;
    found.set(name, before + 1);
    all.add(before === 0 ? name : `${name}-${before}`);
  }
  return all;
}

/** Paragraph or list item in lines that are not too long. */
export function wrapped(text: string, indent = ""): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter((part) => part !== "")) {
    if (line !== "" && `${line} ${word}`.length > width) {
      lines.push(line);
      line = `${indent}${word}`;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].join("\n");
}

/** `value` as code, also where it has characters that mean something. */
export const code = (value: string): string => `\`${value.replace(/\s+/g, " ")}\``;

/** Text of the code as Markdown: what would be a tag or emphasis outside of code is neither. */
export const plain = (text: string): string =>
  text
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/[<*]/g, "\\$&")))
    .join("");
