/** What the Docker Engine API has of a service's tasks (up to version 1.45), and the Docker plugin has not. */
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { isWaitedFor } from "../waitedFor";
import type { TaskArgs } from "./args";
import { type Checker, flag, oneOf } from "./checks";
import { atLeastOne, healthCheck, seccomp, ulimits } from "./schemas";

/** As it is given to the machine command; what is Docker's default anyway is left out. */
export const taskFields = z.strictObject({
  ulimits: z.record(z.string(), z.strictObject({ soft: z.number(), hard: z.number() })).optional(),
  tty: z.literal(true).optional(),
  stdinOpen: z.literal(true).optional(),
  pidsLimit: z.number().optional(),
  /** `unconfined`, or a profile's text. */
  seccomp: z.string().optional(),
  apparmor: z.literal("disabled").optional(),
  noNewPrivileges: z.literal(true).optional(),
  startInterval: z.string().optional(),
});
export type TaskFields = z.infer<typeof taskFields>;

/** Undefined if none is asked for, or can be. */
export function fieldsInputs(args: TaskArgs, check: Checker): pulumi.Output<TaskFields> | undefined {
  const { ulimits: limits, tty, stdinOpen, pidsLimit, apparmor, noNewPrivileges } = args;
  // Only later is it known what a health check that is an output holds.
  const startsOften =
    args.healthCheck !== undefined &&
    (isWaitedFor(args.healthCheck) || args.healthCheck.startInterval !== undefined);
  const given = [limits, tty, stdinOpen, pidsLimit, args.seccomp, apparmor, noNewPrivileges];
  if (!startsOften && given.every((one) => one === undefined)) return undefined;
  const optional = check.optional.bind(check);
  return pulumi
    .output({
      ulimits: optional("ulimits", ulimits, limits, (all) => (Object.keys(all).length > 0 ? all : undefined)),
      tty: optional("tty", flag, tty, ifTrue),
      stdinOpen: optional("stdinOpen", flag, stdinOpen, ifTrue),
      pidsLimit: optional("pidsLimit", atLeastOne, pidsLimit),
      seccomp: optional("seccomp", seccomp, args.seccomp, unlessDefault),
      apparmor: optional("apparmor", oneOf("default", "disabled"), apparmor, unlessDefault),
      noNewPrivileges: optional("noNewPrivileges", flag, noNewPrivileges, ifTrue),
      startInterval: optional("healthCheck", healthCheck, args.healthCheck, ({ startInterval }) =>
        startInterval === "0s" ? undefined : startInterval,
      ),
    })
    .apply((fields) => taskFields.parse(fields));
}

const ifTrue = (value: boolean): true | undefined => value || undefined;
const unlessDefault = (value: string): string | undefined => (value === "default" ? undefined : value);

/** The value of the label (host/fieldsLabel.ts) that stands for them. */
export function fieldsMark(fields: TaskFields): string {
  const entries = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  if (entries.length === 0) return "none";
  const { ulimits: limits } = fields;
  const sorted = limits && Object.entries(limits).sort(([one], [other]) => (one < other ? -1 : 1));
  const text = JSON.stringify([
    ...entries.filter(([name]) => name !== "ulimits"),
    ...(sorted ?? []).map(([name, { soft, hard }]) => [name, soft, hard]),
  ]);
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 12);
  return `${entries.map(([name]) => name).join("+")}:${digest}`;
}
