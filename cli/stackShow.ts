/** `stack`: what there is in a stack, laid out as `pulumi stack` does (pkg/cmd/pulumi/stack/stack.go). */

import { hostname } from "node:os";
import * as engine from "../engine/index";
import { rootStackType } from "../engine/urn";
import type { Flags } from "./flags";
import { openSession } from "./session";
import { chooseStack } from "./stackChoice";
import { ago, outputTable, qualified } from "./stackCommands";
import { table } from "./table";

export async function show(flags: Flags): Promise<number> {
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  if (flags.showName) {
    const name = flags.fullyQualifyStackNames ? qualified(await engine.projectName(session), stack) : stack;
    process.stdout.write(`${name}\n`);
    return 0;
  }
  const { lastUpdate, version, resources } = await engine.stackOverview({ ...session, stack });
  const outputs = await engine.stackOutputs({ ...session, stack, showSecrets: flags.showSecrets === true });
  const lines = [
    `Current stack is ${stack}:`,
    `    Managed by ${hostname()}`,
    ...(lastUpdate ? [`    Last updated: ${ago(lastUpdate)} (${lastUpdate.toISOString()})`] : []),
    version
      ? `    Pulumi version used: ${version.replace(/^v/, "")}`
      : "    No updates yet; run `vmcluster up`",
    `Current stack resources (${resources.length}):`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  if (resources.length === 0) process.stdout.write("    No resources currently in this stack\n");
  else process.stdout.write(table([["    TYPE", "NAME"], ...tree(resources, flags)]));
  process.stdout.write(`\n${outputTable(outputs)}`);
  process.stdout.write(
    "\nUse `vmcluster stack select` to change stack; `vmcluster stack ls` lists known ones\n",
  );
  return 0;
}

type Resources = engine.StackOverview["resources"];

function tree(resources: Resources, flags: Flags): string[][] {
  const known = new Set(resources.map(({ urn }) => urn));
  const root = resources.find(({ type }) => type === rootStackType);
  // Providers that nobody made hang from the stack too.
  const above = (resource: Resources[number]): string | undefined => {
    if (resource === root) return undefined;
    return resource.parent !== undefined && known.has(resource.parent) ? resource.parent : root?.urn;
  };
  const rows: string[][] = [];
  const walk = (parent: string | undefined, indent: string, top: boolean): void => {
    const siblings = resources.filter((resource) => above(resource) === parent);
    siblings.forEach((resource, index) => {
      const last = index === siblings.length - 1;
      const below = top ? indent : `${indent}${last ? "   " : "│  "}`;
      const name = resource.urn.split("::").slice(3).join("::");
      rows.push([`${indent}${top ? "" : last ? "└─ " : "├─ "}${resource.type}`, name]);
      const more = resources.some((other) => above(other) === resource.urn) ? "│  " : "   ";
      if (flags.showUrns) rows.push([`${below}${more}URN: ${resource.urn}`]);
      if (flags.showIds && resource.id !== "") rows.push([`${below}${more}ID: ${resource.id}`]);
      walk(resource.urn, below, false);
    });
  };
  walk(undefined, "    ", true);
  return rows;
}
