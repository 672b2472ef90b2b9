/**
 * Which provider manages a resource when none is named: the package's default, registered when it is first needed.
 * Specified by pkg/resource/deploy/default_providers.go.
 */
import type { Executor } from "./executor";
import { emptyGoal } from "./goal";
import { dynamicProvider } from "./plugins";
import type { ResolvedConfig } from "./stackConfig";
import { providerType } from "./urn";
import { type PropertyMap, Secret } from "./values";

export class DefaultProviders {
  private readonly known = new Map<string, Promise<string>>();

  constructor(
    private readonly config: ResolvedConfig,
    private readonly executor: Executor,
  ) {}

  /** Reference of the default provider of a package. */
  get(pkg: string, version: string, url: string): Promise<string> {
    const key = `${pkg}@${version}@${url}`;
    const known = this.known.get(key);
    if (known) return known;
    const registered = this.register(pkg, version, url);
    this.known.set(key, registered);
    return registered;
  }

  private async register(pkg: string, version: string, url: string): Promise<string> {
    const { values, secretKeys } = this.config;
    if (pkg !== "pulumi" && isDenied(pkg, values.get("pulumi:disable-default-providers")))
      throw new Error(`Default provider for '${pkg}' disabled. '${pkg}' must use an explicit provider.`);
    const inputs: Record<string, PropertyMap[string]> = {};
    for (const [name, value] of values) {
      // Dynamic providers are the project's own and may read all of its configuration.
      const input = pkg === dynamicProvider ? name : name.startsWith(`${pkg}:`) && name.slice(pkg.length + 1);
      if (input) inputs[input] = secretKeys.has(name) ? new Secret(value) : value;
    }
    Object.assign(inputs, pluginInputs(version, url));
    const suffix = version === "" ? "" : `_${version.replace(/[.+-]/g, "_")}`;
    const result = await this.executor.register({
      ...emptyGoal,
      type: providerType(pkg),
      name: `default${suffix}${url === "" ? "" : `_${qualifiedName(url)}`}`,
      custom: true,
      inputs,
    });
    if (result.state === undefined) throw new Error(`the provider of package ${pkg} could not be started`);
    return `${result.urn}::${result.state.id}`;
  }
}

/** As Pulumi makes a name of any text (IntoQName in sdk/go/common/tokens/names.go): byte by byte, slashes stay. */
function qualifiedName(text: string): string {
  const segments = text.split("/").filter((segment) => segment !== "");
  const bytes = (segment: string): string => Buffer.from(segment, "utf8").toString("latin1");
  return segments.map((segment) => bytes(segment).replace(/[^A-Za-z0-9_.-]/g, "_")).join("/") || "_";
}

/** As the Pulumi CLI writes them: whatever has a version has the engine's own part, be it empty. */
export function pluginInputs(version: string, url: string): Record<string, PropertyMap[string]> {
  if (version === "" && url === "") return {};
  return {
    ...(version === "" ? {} : { version }),
    __internal: url === "" ? {} : { pluginDownloadURL: url },
  };
}

function isDenied(pkg: string, list: string | undefined): boolean {
  if (list === undefined || list === "") return false;
  const entries: unknown = JSON.parse(list);
  return Array.isArray(entries) && entries.some((entry) => entry === "*" || String(entry).trim() === pkg);
}
