/** The resources of a run as lines of text that fit a terminal: a tree by parent, with state and elapsed time. */

import type { Colors } from "picocolors/types";
import stringWidth from "string-width";
import { rootStackType } from "../../engine/urn";
import type { ResourceRow, RunState } from "./run";
import { doing, done, failed, paint, planned, seconds, shortDiff, shortType, sign, took } from "./words";

export interface Fit {
  /** Columns of the terminal. */
  readonly width: number;
  /** Lines of the terminal; undefined: as many as there are rows. */
  readonly height: number | undefined;
  readonly now: number;
  readonly colors: Colors;
}

interface Line {
  readonly row: ResourceRow;
  /** Branches before the type. */
  readonly prefix: string;
}

/**
 * Heading, one line per resource that changes (and the parents of such), and in a live run a line that counts.
 * When there are more than fit, finished resources go first, then the oldest running ones; the last line says how many are not shown.
 */
export function treeLines(state: RunState, fit: Fit): string[] {
  const shown = visibleUrns(state);
  const live = fit.height !== undefined;
  // Column heading, counts, and one line left free so that the terminal does not scroll.
  const room = fit.height === undefined ? Number.POSITIVE_INFINITY : Math.max(1, fit.height - 3);
  const kept = fitRows(state, shown, room);
  const lines = branches(state, kept);
  const table = tabulate(lines, state, fit);
  if (!live) return table;
  return [...table, counts(state, shown.size - kept.size, fit)];
}

/** Unchanged resources are left out unless something below them changes or something was said about them. */
function visibleUrns(state: RunState): Set<string> {
  const shown = new Set<string>();
  const spokenOf = new Set(state.diagnostics.map((diagnostic) => diagnostic.urn));
  for (const row of state.rows.values()) {
    const busy = row.state === "running" && row.status !== "";
    if (
      row.op === "same" &&
      row.parent !== undefined &&
      !busy &&
      row.state !== "failed" &&
      !spokenOf.has(row.urn)
    ) {
      continue;
    }
    addWithParents(state, row, shown);
  }
  return shown;
}

function addWithParents(state: RunState, row: ResourceRow, into: Set<string>): void {
  for (
    let current: ResourceRow | undefined = row;
    current !== undefined && !into.has(current.urn);
    current = current.parent === undefined ? undefined : state.rows.get(current.parent)
  ) {
    into.add(current.urn);
  }
}

function fitRows(state: RunState, shown: Set<string>, room: number): Set<string> {
  if (shown.size <= room) return shown;
  const rows = [...shown].map((urn) => state.rows.get(urn)).filter((row) => row !== undefined);
  const isParent = new Set(rows.map((row) => row.parent));
  const busy = rows.filter((row) => row.state !== "done" && !isParent.has(row.urn));
  let kept = new Set<string>();
  // Newest first, each with the parents it hangs from; failed ones before running ones.
  const order = [...busy].reverse().sort((a, b) => rank(a) - rank(b));
  for (const row of [...order, ...rows.filter((other) => !busy.includes(other)).reverse()]) {
    const more = new Set(kept);
    addWithParents(state, row, more);
    if (more.size <= room) kept = more;
  }
  return kept;
}

const rank = (row: ResourceRow): number => (row.state === "failed" ? 0 : 1);

function branches(state: RunState, kept: ReadonlySet<string>): Line[] {
  const root = [...state.rows.values()].find((row) => row.type === rootStackType && kept.has(row.urn));
  const children = new Map<string | undefined, ResourceRow[]>();
  for (const row of state.rows.values()) {
    if (!kept.has(row.urn)) continue;
    // In a destroy the parent comes after its children: until then they hang from the stack.
    const known = row.parent !== undefined && kept.has(row.parent);
    const parent = known ? row.parent : row === root ? undefined : root?.urn;
    children.set(parent, [...(children.get(parent) ?? []), row]);
  }
  const lines: Line[] = [];
  const walk = (parent: string | undefined, indent: string, depth: number): void => {
    const siblings = children.get(parent) ?? [];
    siblings.forEach((row, index) => {
      const last = index === siblings.length - 1;
      lines.push({ row, prefix: depth === 0 ? "" : `${indent}${last ? "└─ " : "├─ "}` });
      walk(row.urn, depth === 0 ? "" : `${indent}${last ? "   " : "│  "}`, depth + 1);
    });
  };
  walk(undefined, "", 0);
  return lines;
}

function tabulate(lines: readonly Line[], state: RunState, fit: Fit): string[] {
  const heading = state.preview ? "Plan" : "Status";
  let types = lines.map(({ row, prefix }) => prefix + shortType(row.type));
  const busyParents = parentsOfRunning(state);
  const states = lines.map(({ row }) => stateText(row, state, busyParents, fit.now));
  const names = lines.map(({ row }) => row.name);
  const margin = 5;
  const gap = 2;
  const longest = (texts: readonly string[], least: number): number =>
    Math.max(least, ...texts.map(stringWidth));
  // The state gets what it needs up to a third; then package names go, then the rest is cut.
  const forState = Math.min(longest(states, heading.length), Math.max(18, Math.floor(fit.width / 3)));
  const forOthers = Math.max(10, fit.width - margin - 2 * gap - forState);
  if (longest(types, 4) + longest(names, 4) > forOthers) {
    types = lines.map(({ row, prefix }) => prefix + (shortType(row.type).split(":").at(-1) ?? ""));
  }
  let nameWidth = longest(names, 4);
  let typeWidth = longest(types, 4);
  if (typeWidth + nameWidth > forOthers) {
    nameWidth = Math.min(nameWidth, Math.max(Math.floor(forOthers / 2), forOthers - typeWidth));
    typeWidth = Math.max(1, forOthers - nameWidth);
  }
  const stateWidth = Math.max(1, fit.width - margin - typeWidth - nameWidth - 2 * gap);
  const line = (signs: string, type: string, name: string, status: string): string =>
    `${signs}${pad(type, typeWidth + gap)}${pad(name, nameWidth + gap)}${status}`.trimEnd();
  return [
    fit.colors.bold(line("     ", "Type", "Name", heading)),
    ...lines.map(({ row }, index) => {
      const status = cut(states[index] ?? "", stateWidth);
      const painted = row.state === "failed" ? fit.colors.red(status) : paint(row.op, status, fit.colors);
      return line(
        ` ${paint(row.op, sign(row.op), fit.colors)}  `,
        cut(types[index] ?? "", typeWidth),
        cut(names[index] ?? "", nameWidth),
        painted,
      );
    }),
  ];
}

function stateText(row: ResourceRow, state: RunState, busyParents: ReadonlySet<string>, now: number): string {
  const short = shortDiff(row);
  const changed = short === "" ? "" : ` ${short}`;
  if (row.state === "failed") return failed(row.op);
  if (state.preview) return `${planned(row.op)}${changed}`.trim();
  if (row.op === "same") return row.state === "running" ? row.status : "";
  // A component is made at once and has its children made after that.
  if (!row.custom) {
    if (!busyParents.has(row.urn)) return row.state === "done" ? `${done(row.op)}${changed}` : "";
    return state.summary ? "" : `${doing(row.op)} (${seconds(now - row.startedAt)})`;
  }
  if (row.state === "done") return `${done(row.op)} (${took(row.elapsedMs)})${changed}`;
  // Cancelled, or in vain because something else failed.
  if (state.summary) return `${doing(row.op)} not finished`;
  return `${doing(row.op)} (${seconds(now - row.startedAt)}) ${row.status || changed.trim()}`.trimEnd();
}

/** URNs that have a running resource below them. */
function parentsOfRunning(state: RunState): Set<string> {
  const parents = new Set<string>();
  for (const row of state.rows.values()) {
    if (row.state === "running" && row.parent !== undefined) {
      const parent = state.rows.get(row.parent);
      if (parent) addWithParents(state, parent, parents);
    }
  }
  return parents;
}

function counts(state: RunState, hidden: number, fit: Fit): string {
  let finished = 0;
  let running = 0;
  for (const row of state.rows.values()) {
    if (row.op === "same" || !row.custom) continue;
    if (row.state === "running") running++;
    else finished++;
  }
  const parts = [seconds(fit.now - state.startedAt)];
  if (running > 0) parts.push(`${running} running`);
  if (finished > 0) parts.push(`${finished} done`);
  if (hidden > 0) parts.push(`${hidden} not shown`);
  return fit.colors.dim(cut(`     ${parts.join(", ")}`, fit.width));
}

/** Cuts to a width in columns, with an ellipsis where something is missing. */
export function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let result = "";
  let used = 0;
  for (const character of text) {
    const columns = stringWidth(character);
    if (used + columns > width - 1) break;
    result += character;
    used += columns;
  }
  return `${result}…`;
}

function pad(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - stringWidth(text)));
}
