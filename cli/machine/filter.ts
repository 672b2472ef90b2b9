import { UserError } from "../../host/userError";
import { machineStates } from "../../machine/driver";
import { driverNames } from "../../machine/spec";
import type { MachineRow } from "./machineRow";

type Test = (row: Pick<MachineRow, "name" | "state" | "driver" | "cluster">) => boolean;

function oneOf(key: string, value: string, allowed: readonly string[]): string {
  const wanted = value.toLowerCase();
  if (allowed.includes(wanted)) return wanted;
  throw new UserError(
    `--filter ${key}=${value}: there is no such ${key}`,
    `there are: ${allowed.join(", ")}`,
  );
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw new UserError(`--filter name=${text}: it is no regular expression`, (error as Error).message);
  }
}

function testOf(key: string, value: string): Test {
  switch (key) {
    case "name": {
      const wanted = pattern(value);
      return (row) => wanted.test(row.name);
    }
    case "state": {
      const wanted = oneOf(key, value, machineStates);
      return (row) => row.state === wanted;
    }
    case "driver": {
      const wanted = oneOf(key, value, driverNames);
      return (row) => row.driver === wanted;
    }
    case "cluster":
      return (row) => row.cluster === value;
    default:
      throw new UserError(
        `--filter ${key}=${value}: machines cannot be filtered by "${key}"`,
        "there are: name=<regular expression>, state=, driver=, cluster=",
      );
  }
}

/** What `--filter KEY=VALUE` options let through, as docker reads several: one of those with the same key, and all keys. */
export function filterOf(filters: readonly string[]): Test {
  const tests = new Map<string, Test[]>();
  for (const filter of filters) {
    const at = filter.indexOf("=");
    if (at < 1) throw new UserError(`--filter ${filter}: it must be KEY=VALUE, as in --filter state=running`);
    const key = filter.slice(0, at);
    tests.set(key, [...(tests.get(key) ?? []), testOf(key, filter.slice(at + 1))]);
  }
  return (row) => [...tests.values()].every((same) => same.some((test) => test(row)));
}
