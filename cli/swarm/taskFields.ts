/**
 * What the Docker plugin does not have of a service's tasks, in a specification as the API has it. Specified by the Docker Engine API 1.45
 * ("TaskSpec") and its version history.
 */
import { fieldsMark, type TaskFields } from "../../components/service/taskFields";
import { formatDuration, parseDuration } from "../../host/duration";
import { fieldsLabel } from "../../host/fieldsLabel";
import { UserError } from "../../host/userError";
import type { DockerApi } from "../../providers/docker/api";
import type { Json, JsonObject } from "../../providers/docker/json";
import type { Operation } from "../../providers/rpc/resource";

/** From which version of the API on a daemon takes it; older ones ignore it. */
const since: Readonly<Record<keyof TaskFields, number>> = {
  ulimits: 41,
  tty: 25,
  stdinOpen: 28,
  pidsLimit: 41,
  seccomp: 44,
  apparmor: 44,
  noNewPrivileges: 44,
  startInterval: 44,
};
const dockerOf: Readonly<Record<number, string>> = { 25: "1.13", 28: "17.04", 41: "20.10", 44: "25" };

const object = (value: Json | undefined): JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};

/** Without what is undefined; undefined if that is all. */
function filled(map: JsonObject): JsonObject | undefined {
  const entries = Object.entries(map).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** The task with these fields, and without those of them that are not given. */
export function withFields(task: JsonObject, fields: TaskFields): JsonObject {
  const { ulimits, tty, stdinOpen, pidsLimit, seccomp, apparmor, noNewPrivileges, startInterval } = fields;
  const container = object(task.ContainerSpec);
  const { Limits, ...resources } = object(task.Resources);
  return {
    ...task,
    ContainerSpec: {
      ...container,
      Ulimits:
        ulimits &&
        Object.entries(ulimits).map(([Name, { soft, hard }]) => ({ Name, Soft: soft, Hard: hard })),
      TTY: tty,
      OpenStdin: stdinOpen,
      Privileges: filled({
        ...object(container.Privileges),
        Seccomp:
          seccomp === undefined
            ? undefined
            : seccomp === "unconfined"
              ? { Mode: "unconfined" }
              : { Mode: "custom", Profile: Buffer.from(seccomp).toString("base64") },
        AppArmor: apparmor && { Mode: apparmor },
        NoNewPrivileges: noNewPrivileges,
      }),
      Healthcheck: filled({
        ...object(container.Healthcheck),
        StartInterval: startInterval === undefined ? undefined : parseDuration(startInterval),
      }),
    },
    ...((task.Resources !== undefined || pidsLimit !== undefined) && {
      Resources: { ...resources, Limits: filled({ ...object(Limits), Pids: pidsLimit }) },
    }),
  };
}

/** Those of a task. */
function fieldsOf(task: JsonObject): TaskFields {
  const container = object(task.ContainerSpec);
  const { Seccomp, AppArmor, NoNewPrivileges } = object(container.Privileges);
  const { Mode, Profile } = object(Seccomp);
  const { StartInterval } = object(container.Healthcheck);
  const { Pids } = object(object(task.Resources).Limits);
  const ulimits = (Array.isArray(container.Ulimits) ? container.Ulimits : []).map((one: Json) => {
    const { Name, Soft, Hard } = object(one);
    return [String(Name), { soft: Number(Soft ?? 0), hard: Number(Hard ?? 0) }] as const;
  });
  const fields: TaskFields = {
    ulimits: ulimits.length > 0 ? Object.fromEntries(ulimits) : undefined,
    tty: container.TTY === true || undefined,
    stdinOpen: container.OpenStdin === true || undefined,
    pidsLimit: typeof Pids === "number" && Pids > 0 ? Pids : undefined,
    seccomp:
      Mode === "unconfined"
        ? "unconfined"
        : Mode === "custom"
          ? Buffer.from(String(Profile ?? ""), "base64").toString("utf8")
          : undefined,
    apparmor: object(AppArmor).Mode === "disabled" ? "disabled" : undefined,
    noNewPrivileges: NoNewPrivileges === true || undefined,
    startInterval:
      typeof StartInterval === "number" && StartInterval > 0 ? formatDuration(StartInterval) : undefined,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

const taskOf = (spec: JsonObject): JsonObject => object(spec.TaskTemplate);

/** Names of those in which a specification differs from what is wanted. */
export function differing(spec: JsonObject, wanted: TaskFields): (keyof TaskFields)[] {
  const there = fieldsOf(taskOf(spec));
  return (Object.keys(since) as (keyof TaskFields)[]).filter(
    (name) => fieldsMark({ [name]: there[name] }) !== fieldsMark({ [name]: wanted[name] }),
  );
}

export const labelOf = (spec: JsonObject): string | undefined =>
  object(spec.Labels)[fieldsLabel] as string | undefined;

/** Whether a specification holds the fields that its label stands for: the Docker plugin writes one that does not. */
export function isWhole(spec: JsonObject): boolean {
  const label = labelOf(spec);
  return label === undefined || label === fieldsMark(fieldsOf(taskOf(spec)));
}

/** @throws UserError if the daemon would ignore one */
export async function refuseTooNew(
  what: string,
  fields: TaskFields,
  api: DockerApi,
  operation: Operation,
): Promise<void> {
  const { ApiVersion, Version } = await api.get<JsonObject>("/version", operation);
  const minor = Number(/^1\.(\d+)$/.exec(String(ApiVersion))?.[1] ?? Number.NaN);
  const unknown = (Object.keys(fields) as (keyof TaskFields)[]).filter(
    (name) => fields[name] !== undefined && since[name] > minor,
  );
  const [first] = unknown;
  if (first === undefined) return;
  throw new UserError(
    `${what}: its swarm does not know ${unknown.join(", ")}`,
    `the manager has Docker ${String(Version)} (API ${String(ApiVersion)})`,
    `that needs Docker ${dockerOf[since[first]]} (API 1.${since[first]}), on all nodes; or leave it out`,
  );
}
