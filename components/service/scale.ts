/** The stack's configuration `vmcluster:scale`: numbers of tasks by the services' names, which win over those of the program. */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { count } from "./checks";
import { record } from "./record";

const key = "vmcluster:scale";
const scale = record(z.string(), count);

export interface ServiceMode {
  readonly mode: "replicated" | "global";
  readonly replicas?: number;
}

/** What the configuration says, checked; empty where it says nothing. */
function configuredScale(): Readonly<Record<string, number>> {
  const text = new pulumi.Config("vmcluster").get("scale");
  if (text === undefined || text === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = text;
  }
  const result = scale.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const at = issue?.path.length ? `${key}.${issue.path.join(".")}` : key;
  const wrong = issue?.path.length ? (value as Record<string, unknown>)[String(issue.path[0])] : value;
  throw new pulumi.RunError(
    `${at}: ${JSON.stringify(wrong)} is not allowed: it must be ${issue?.path.length ? "a whole number from 0 on" : "an object of service names and numbers of tasks"}`,
  );
}

/** The mode of a service with the configured number of tasks, if there is one for it. */
export function scaled(
  what: string,
  serviceName: pulumi.Output<string>,
  mode: pulumi.Output<ServiceMode>,
): pulumi.Output<ServiceMode> {
  const configured = configuredScale();
  if (Object.keys(configured).length === 0) return mode;
  const noted = note(configured);
  return pulumi.all([serviceName, mode]).apply(([name, own]) => {
    noted(name);
    const replicas = Object.hasOwn(configured, name) ? configured[name] : undefined;
    if (replicas === undefined) return own;
    if (own.mode === "global") {
      throw new pulumi.RunError(
        `${what}: ${key} has a number of tasks for ${name}, but it is a global service`,
      );
    }
    return { ...own, replicas };
  });
}

const names = new Set<string>();
/** Services whose names are not known yet. */
let open = 0;
let watching = false;

/** Counts a service; what it returns is told its name. */
function note(configured: Readonly<Record<string, number>>): (name: string) => void {
  open++;
  if (!watching) {
    watching = true;
    // Only when the program has nothing more to do is it certain which services it has. The SDK tells the engine of the
    // end after this, unless the exit code says that something was wrong.
    process.once("beforeExit", (code) => refuseUnknown(code, configured));
  }
  return (name) => {
    open--;
    names.add(name);
  };
}

/** The SDK's code for a program that has told its user what is wrong. */
const toldTheUser = 32;

function refuseUnknown(code: number, configured: Readonly<Record<string, number>>): void {
  const unknown = Object.keys(configured).filter((name) => !names.has(name));
  if (code !== 0 || open > 0 || unknown.length === 0) return;
  const there = [...names].sort().join(", ");
  void pulumi.log.error(
    `${key}: the program has no service ${unknown.join(", ")} that can be scaled; it has ${there}. Take it out: vmcluster scale ${unknown[0]}=`,
  );
  process.exitCode = toldTheUser;
}
