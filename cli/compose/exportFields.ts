/** What the Docker plugin has no fields for, in the state of the command that sets it. */
import { withoutUndefined } from "../../components/compose/conversion";
import type { PlannedTaskArgs } from "../../components/compose/plan";
import { fields, flag, Hidden, number, revealed, text, type Value } from "./stateValues";

type Args = Pick<
  PlannedTaskArgs,
  "ulimits" | "tty" | "stdinOpen" | "pidsLimit" | "seccomp" | "apparmor" | "noNewPrivileges" | "healthCheck"
>;

/** The arguments with those that the machine command was told (`TaskFields`). */
export function withFieldsOf<T extends PlannedTaskArgs>(args: T, told: Record<string, Value>): T {
  const ulimits = Object.entries(fields(told.ulimits)).map(([name, one]) => {
    const { soft, hard } = fields(one);
    return [name, { soft: number(soft) ?? -1, hard: number(hard) ?? -1 }] as const;
  });
  const startInterval = text(told.startInterval);
  const found: Args = {
    ulimits: ulimits.length > 0 ? Object.fromEntries(ulimits) : undefined,
    tty: flag(told.tty),
    stdinOpen: flag(told.stdinOpen),
    pidsLimit: number(told.pidsLimit),
    seccomp: text(told.seccomp),
    apparmor: text(told.apparmor),
    noNewPrivileges: flag(told.noNewPrivileges),
    healthCheck:
      args.healthCheck && startInterval !== undefined
        ? { ...args.healthCheck, startInterval }
        : args.healthCheck,
  };
  return { ...args, ...withoutUndefined(found) };
}

/** What a machine command was told, if `verb` is the one that it runs. */
export function toldTo(verb: string, inputs: Record<string, Value>): Record<string, Value> | undefined {
  const { create, stdin } = inputs;
  const json = text(stdin);
  if (text(create) !== verb || json === undefined) return undefined;
  // One secret in it makes all of it one: which it was is not known.
  return fields(revealed(JSON.parse(json), stdin instanceof Hidden));
}
