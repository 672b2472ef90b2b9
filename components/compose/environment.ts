/** Variables and labels of a service, with those that are in files of their own. */
import { existsSync } from "node:fs";
import type { Conversion } from "./convert";
import { readEnvFile } from "./load";
import type { Service } from "./schema/service";

/** Later files win over earlier ones, `environment` over all. A name alone has the value it has here, or is left out. */
export function environment(conversion: Conversion, name: string, service: Service): Record<string, string> {
  const path = ["services", name];
  const { variables } = conversion.loaded;
  const found: Record<string, string> = {};
  (service.env_file ?? []).forEach(({ path: file, required, format }, index) => {
    if (required === false && !existsSync(file)) return;
    const place = conversion.place(...path, "env_file", index);
    Object.assign(found, Object.fromEntries(readEnvFile(file, variables, place, format === "raw")));
  });
  for (const [key, value] of Object.entries(service.environment ?? {})) {
    const known = value ?? variables.get(key);
    if (known !== undefined) found[key] = known;
    else delete found[key];
  }
  return found;
}

export function labelFiles(conversion: Conversion, name: string, service: Service): Record<string, string> {
  const all = (service.label_file ?? []).map((file, index) =>
    Object.fromEntries(
      readEnvFile(file, conversion.loaded.variables, conversion.place("services", name, "label_file", index)),
    ),
  );
  return Object.assign({}, ...all) as Record<string, string>;
}
