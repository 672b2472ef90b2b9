/**
 * Names of projects and stacks, and references to stacks: `stack`, `organization/stack`, `organization/project/stack`.
 * Specified by sdk/go/common/tokens (project.go, stacks.go) and pkg/backend/diy/store.go (ParseReference). Unlike there, `.`
 * and `..` are refused: they are other folders.
 */
import { join } from "node:path";
import { UserError } from "../host/userError";

/** The only organization of a file backend. */
export const organization = "organization";

const allowed = /^[A-Za-z0-9_.-]{1,100}$/;

/** What is wrong with a name that is not valid. */
export const nameRule = "letters, digits, hyphens, underscores and periods, 100 at most, and not . or ..";

export const isName = (name: string): boolean => allowed.test(name) && name !== "." && name !== "..";

/** Throws {@link UserError} for what is no name of a project or a stack. */
export function checkName(kind: "project" | "stack", name: string): void {
  if (!isName(name))
    throw new UserError(`${kind} name ${JSON.stringify(name)} is not valid`, `it may hold ${nameRule}`);
}

export interface StackReference {
  readonly project: string;
  readonly stack: string;
}

/**
 * Throws {@link UserError} for what refers to no stack of a file backend.
 * @param current the project of a reference that names none
 */
export function parseStackReference(text: string, current: string): StackReference {
  const parts = text.split("/");
  if (parts.length > 3 || (parts.length > 1 && parts[0] !== organization))
    throw new UserError(
      `stack reference ${JSON.stringify(text)} is not valid`,
      `the file backend has stacks named <stack>, ${organization}/<stack> and ${organization}/<project>/<stack>`,
    );
  const project = parts.length === 3 ? (parts[1] ?? "") : current;
  const stack = parts.at(-1) ?? "";
  checkName("project", project);
  checkName("stack", stack);
  return { project, stack };
}

/** What belongs to a stack below `folder`, and nothing outside of it: whatever the names are. */
export function placeOf(folder: string, project: string, stack: string, suffix = ""): string {
  checkName("project", project);
  checkName("stack", stack);
  return join(folder, project, stack + suffix);
}
