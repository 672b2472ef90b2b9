/** Variables and labels of a service, with those that are in files of their own. */
import { existsSync } from "node:fs";
import type { Conversion } from "./conversion";
import { readEnvFile } from "./envFile";
import type { Service } from "./schema/service";

/**
 * Later files win over earlier ones, `environment` over all. A name alone has the value it has here, or is left out. Files see the variables from here,
 * then those of `environment`, then those of the files before: `WithServicesEnvironmentResolved` in compose-spec/compose-go, types/project.go.
 */
export function environment(conversion: Conversion, name: string, service: Service): Record<string, string> {
  const path = ["services", name];
  const { variables } = conversion.loaded;
  const given = Object.entries(service.environment ?? {});
  const own = new Map(
    given.flatMap(([key, value]) => {
      const known = value ?? variables.get(key);
      return known === undefined ? [] : [[key, known] as const];
    }),
  );
  const outside = { get: (key: string) => variables.get(key) ?? own.get(key) };
  const found = new Map<string, string>();
  (service.env_file ?? []).forEach(({ path: file, required, format }, index) => {
    if (required === false && !existsSync(file)) return;
    const place = conversion.place(...path, "env_file", index);
    readEnvFile(file, outside, found, { place, raw: format === "raw", warn: conversion.add });
  });
  for (const [key] of given) found.delete(key);
  return Object.fromEntries([...found, ...own]);
}

export function labelFiles(conversion: Conversion, name: string, service: Service): Record<string, string> {
  const found = new Map<string, string>();
  (service.label_file ?? []).forEach((file, index) => {
    const place = conversion.place("services", name, "label_file", index);
    readEnvFile(file, conversion.loaded.variables, found, { place, warn: conversion.add });
  });
  return Object.fromEntries(found);
}
