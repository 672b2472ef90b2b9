/** Checks a compose file and brings all short forms into the long ones. */
import type { z } from "zod";
import { UserError } from "../../host/userError";
import { at } from "./place";
import { file, type Model } from "./schema/file";
import { type Mapping, placeOf, plain } from "./tree";

/** Throws a `UserError` with a line for everything that is wrong. */
export function modelOf(tree: Mapping): Model {
  const result = file.safeParse(plain(tree), { reportInput: true });
  if (result.success) return result.data;
  const lines = result.error.issues.flatMap((issue) => explain(tree, issue));
  throw new UserError([...new Set(lines)].join("\n"));
}

function explain(tree: Mapping, issue: z.core.$ZodIssue): string[] {
  const path = issue.path.map(String);
  const line = (extra: readonly string[], text: string): string => {
    const whole = [...path, ...extra].join(".");
    return `${at(placeOf(tree, [...issue.path, ...extra]))}: ${whole === "" ? "" : `${whole}: `}${text}`;
  };
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) =>
      line([key], path.length === 0 ? "is no part of a compose file" : "there is no such field here"),
    );
  if (issue.code === "invalid_type")
    return [
      line(
        [],
        issue.input === undefined
          ? "is missing"
          : `must be ${article(issue.expected)}, not ${shown(issue.input)}`,
      ),
    ];
  if (issue.code === "invalid_key") return [line([], issue.issues[0]?.message ?? issue.message)];
  return [
    line(
      [],
      `${typeof issue.input === "object" || issue.input === undefined ? "" : `${shown(issue.input)} `}${issue.message}`,
    ),
  ];
}

const names: Readonly<Record<string, string>> = {
  record: "mapping",
  object: "mapping",
  map: "mapping",
  array: "list",
  string: "text",
  boolean: "true or false",
  tuple: "list",
  int: "whole number",
};

function article(type: string): string {
  const name = names[type] ?? type;
  return name === "true or false" ? name : `a ${name}`;
}

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};
