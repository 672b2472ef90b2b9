import { userInfo } from "node:os";

/** Of the account on this host; its number where it has no name, as in some containers. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}
