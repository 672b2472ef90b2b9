/** What is printed when an operation has ended: diagnostics, outputs, counts, duration, addresses. */
import type { Colors } from "picocolors/types";
import type { Severity, StepOp } from "../../engine/events";
import { changedPropertyLines, type Properties, propertyLines } from "./propertyLines";
import type { Diagnostic, RunState, Summary } from "./run";
import { done, duration, paint, planned, sign, summaryOrder } from "./words";

export interface ReportOptions {
  readonly colors: Colors;
  /** Outputs are of no use in a destroy. */
  readonly outputs: boolean;
  /** The outputs are those of resources that exist: the addresses answer. */
  readonly current: boolean;
}

export function reportLines(state: RunState, options: ReportOptions): string[] {
  const { colors } = options;
  const summary = state.summary;
  const blocks = [diagnosticLines(state, colors), skippedLines(state)];
  const urls = summary && options.outputs && options.current ? parseUrls(summary.outputs.urls) : undefined;
  if (summary && options.outputs) {
    const lines = outputLines(summary, urls !== undefined, colors);
    if (lines.length > 0 && summary.result === "succeeded") blocks.push([colors.bold("Outputs:"), ...lines]);
  }
  if (summary) blocks.push(resourceLines(state, summary.changes, colors));
  if (summary && !state.preview) blocks.push([`${colors.bold("Duration:")} ${duration(summary.durationMs)}`]);
  if (urls && summary?.result === "succeeded") blocks.push(urlLines(urls, colors));
  return blocks
    .filter((block) => block.length > 0)
    .flatMap((block, index) => (index === 0 ? block : ["", ...block]));
}

function severityColour(severity: Severity, colors: Colors): (text: string) => string {
  if (severity === "error") return colors.red;
  return severity === "warning" ? colors.yellow : (text) => text;
}

function diagnosticLines(state: RunState, colors: Colors): string[] {
  if (state.diagnostics.length === 0) return [];
  const groups = new Map<string, Diagnostic[]>();
  for (const diagnostic of state.diagnostics) {
    const label = state.label(diagnostic.urn);
    groups.set(label, [...(groups.get(label) ?? []), diagnostic]);
  }
  const lines = [colors.bold("Diagnostics:")];
  for (const [label, diagnostics] of groups) {
    if (lines.length > 1) lines.push("");
    lines.push(`  ${colors.bold(`${label}:`)}`);
    for (const { severity, message } of diagnostics) {
      const [first = "", ...rest] = message.split(/\r?\n/);
      // The word is there already when a program's own message begins with it.
      const word = severity === "info" || first.startsWith(`${severity}: `) ? "" : `${severity}: `;
      lines.push(`    ${severityColour(severity, colors)(word)}${first}`.trimEnd());
      lines.push(...rest.map((line) => `    ${line}`.trimEnd()));
    }
  }
  return lines;
}

/** One sentence for all: each of them depends on a failure that is told above. */
function skippedLines(state: RunState): string[] {
  if (state.skipped.size === 0) return [];
  const names = [...state.skipped].map((urn) => urn.split("::").at(-1) ?? urn);
  return [`Skipped, as something they need failed: ${names.join(", ")}`];
}

type Changes = Readonly<Partial<Record<StepOp, number>>>;

/** A replacement is one change, told by its parts only where the engine does not count the whole. */
export function changeCounts(changes: Changes): { readonly op: StepOp; readonly count: number }[] {
  const whole: Changes = { ...changes, replace: changes.replace ?? changes["create-replacement"] };
  return summaryOrder.flatMap((op) => {
    const count = whole[op] ?? 0;
    return count > 0 ? [{ op, count }] : [];
  });
}

function resourceLines(state: RunState, changes: Changes, colors: Colors): string[] {
  const { preview, errored } = state;
  const counted = changeCounts(changes);
  const same = changes.same ?? 0;
  const lines = counted.map(({ op, count }) =>
    paint(op, `    ${sign(op)}${count} ${preview ? `to ${planned(op)}` : done(op)}`, colors),
  );
  const total = counted.reduce((sum, { count }) => sum + count, 0);
  const tail = [
    ...(counted.length > 1 ? [`${total} changes`] : []),
    ...(same > 0 ? [`${same} unchanged`] : []),
  ].join(". ");
  if (tail !== "") lines.push(`    ${tail}`);
  if (errored > 0) lines.push(colors.red(`    ${errored} errored`));
  return lines.length === 0 ? [] : [colors.bold("Resources:"), ...lines];
}

/** All outputs and what has changed in them; in a preview only what would. */
function outputLines(
  { outputs, previousOutputs, preview }: Summary,
  urlsApart: boolean,
  colors: Colors,
): string[] {
  const without = (all: Properties): Properties =>
    Object.fromEntries(
      Object.entries(all).filter(([name, value]) => value !== null && !(urlsApart && name === "urls")),
    );
  if (previousOutputs === undefined) return propertyLines(without(outputs), 1, "+", false, colors);
  return changedPropertyLines(without(previousOutputs), without(outputs), {
    colors,
    indent: 1,
    changesOnly: preview,
  });
}

interface Urls {
  readonly browser: readonly { readonly name: string; readonly addresses: readonly string[] }[];
  readonly other: readonly { readonly name: string; readonly addresses: readonly string[] }[];
}

/** The output `urls`: names with one address or a list of them. Anything else is shown like other outputs. */
function parseUrls(value: unknown): Urls | undefined {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return undefined;
  const browser: { name: string; addresses: string[] }[] = [];
  const other: { name: string; addresses: string[] }[] = [];
  for (const [name, entry] of Object.entries(value)) {
    const addresses: unknown[] = Array.isArray(entry) ? entry : [entry];
    if (!addresses.every((address): address is string => typeof address === "string")) return undefined;
    const web = addresses.every((address) => /^https?:\/\//.test(address));
    if (addresses.length > 0) (web ? browser : other).push({ name, addresses });
  }
  return browser.length + other.length > 0 ? { browser, other } : undefined;
}

function urlLines(urls: Urls, colors: Colors): string[] {
  const longest = Math.max(...[...urls.browser, ...urls.other].map(({ name }) => name.length));
  const rows = (group: Urls["browser"], colour: (text: string) => string): string[] =>
    group.flatMap(({ name, addresses }) =>
      addresses.map(
        (address, index) => `    ${(index === 0 ? name : "").padEnd(longest + 2)}${colour(address)}`,
      ),
    );
  const shown = (address: string): string =>
    address === "[secret]" ? "[secret]: vmcluster stack output urls --show-secrets" : colors.cyan(address);
  return [
    ...(urls.browser.length > 0
      ? [
          colors.bold("Open in a browser:"),
          ...rows(urls.browser, (text) => colors.underline(colors.cyan(text))),
        ]
      : []),
    ...(urls.other.length > 0 ? [colors.bold("Connect to:"), ...rows(urls.other, shown)] : []),
  ];
}
