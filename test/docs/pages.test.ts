/** What holds for every page: short lines, and links that lead somewhere. */
import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { anchors, pages, prose, read, root, width } from "./markdown";

const links = (page: string): string[] =>
  prose(read(page)).flatMap((line) =>
    [...line.replace(/`[^`]*`/g, "").matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target as string),
  );

/** What is wrong with a link of a page, if anything. */
function broken(page: string, target: string): string | undefined {
  if (/^[a-z]+:/.test(target)) return undefined;
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : relative(root, join(root, dirname(page), path));
  if (file.startsWith("..") || !existsSync(join(root, file))) return `${target}: no such file`;
  if (anchor !== undefined && !anchors(read(file)).has(anchor)) return `${target}: no such heading`;
  return undefined;
}

describe.each(pages())("%s", (page) => {
  it("has links to files and headings that exist", () => {
    expect(
      links(page)
        .map((target) => broken(page, target))
        .filter(Boolean),
    ).toEqual([]);
  });

  it("has lines of 120 characters at most", () => {
    const long = read(page)
      .split("\n")
      .flatMap((line, index) =>
        line.length > width ? [`line ${index + 1}: ${line.length} characters`] : [],
      );
    expect(long).toEqual([]);
  });

  it("begins with a heading, then says what it is for", () => {
    const [heading, empty, first] = read(page).split("\n");
    expect(heading).toMatch(/^# \S/);
    expect(empty).toBe("");
    expect(first).toMatch(/^[A-Za-z`*]/);
  });
});

it("a decision has three lines at most", () => {
  const items = read("docs/decisions.md").split(/\n(?=- |\n|#)/);
  expect(items.filter((item) => item.startsWith("- ") && item.trimEnd().split("\n").length > 3)).toEqual([]);
});

it("every page can be reached from the README", () => {
  const reached = new Set<string>();
  const reach = (page: string): void => {
    if (reached.has(page) || !page.endsWith(".md")) return;
    reached.add(page);
    for (const target of links(page)) {
      const path = target.split("#")[0];
      if (path && !/^[a-z]+:/.test(target)) reach(relative(root, join(root, dirname(page), path)));
    }
  };
  reach("README.md");
  expect(pages().filter((page) => !reached.has(page))).toEqual([]);
});
