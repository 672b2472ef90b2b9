/**
 * Configuration of the docker provider, as @pulumi/docker 5.2.0 has it. The SDK sends lists and booleans as JSON texts.
 */
import { UserError } from "../../host/userError";
import { boolean, list, object, type Properties, string } from "../rpc/property";
import { OutputValue, type PropertyMap, type PropertyValue, reveal, Secret, Unknown } from "../rpc/values";

export const settings: Properties = {
  host: string(),
  sshOpts: list(string()),
  registryAuth: list(
    object("docker:config/registryAuth:registryAuth", {
      address: string({ required: true }),
      username: string(),
      password: string({ secret: true }),
      authDisabled: boolean(),
      configFile: string(),
      configFileContent: string(),
    }),
  ),
  context: string(),
  caMaterial: string(),
  certMaterial: string(),
  keyMaterial: string(),
  certPath: string(),
  disableDockerDaemonCheck: boolean(),
};

const notSupported = ["context", "caMaterial", "certMaterial", "keyMaterial", "certPath"];

export interface RegistryLogin {
  readonly address: string;
  readonly username?: string;
  readonly password?: string;
  readonly authDisabled?: boolean;
}

/** Where the daemon is. */
export type Daemon =
  | { readonly kind: "unix"; readonly socket: string }
  | {
      readonly kind: "ssh";
      readonly user: string | undefined;
      readonly host: string;
      readonly port: number | undefined;
      /** Of the daemon there; undefined: what its docker client takes. */
      readonly socket: string | undefined;
      /** Further options of the `ssh` program. */
      readonly options: readonly string[];
      readonly connectTimeoutSeconds?: number;
    };

export function parseSettings(given: PropertyMap): PropertyMap {
  const typed = (key: string, value: PropertyValue): PropertyValue => {
    if (value instanceof Secret) return new Secret(typed(key, value.value));
    if (value instanceof OutputValue) {
      return new OutputValue(
        value.value === undefined ? undefined : typed(key, value.value),
        value.secret,
        value.dependencies,
      );
    }
    if (typeof value !== "string" || settings[key] === undefined || settings[key].type === "string")
      return value;
    try {
      return JSON.parse(value) as PropertyValue;
    } catch {
      return value;
    }
  };
  return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, typed(key, value)]));
}

/** ssh puts user and host into commands that a configuration has, `ProxyCommand` and `Match exec`, which a shell reads. */
const unfit = /[\s\p{Cc}'"`$\\;&|<>(){}*?!#]/u;

/** Undefined while the configuration holds values that only the real operation gives. */
export function daemonOf(config: PropertyMap): Daemon | undefined {
  const opened = reveal(config) as PropertyMap;
  const refused = notSupported.find((key) => opened[key] !== undefined && opened[key] !== "");
  if (refused !== undefined) {
    throw new UserError(
      `${refused} is not supported by vmcluster's own docker provider`,
      "it reaches daemons by ssh:// and unix:// addresses",
      "install Pulumi's: pulumi plugin install resource docker 5.2.0",
    );
  }
  const host = opened.host ?? process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock";
  const options = opened.sshOpts ?? [];
  if (host instanceof Unknown || options instanceof Unknown) return undefined;
  const sshOptions = Array.isArray(options) ? options.map(String) : [];
  if (
    sshOptions.length > 0 &&
    Array.isArray(options) &&
    options.some((option) => option instanceof Unknown)
  ) {
    return undefined;
  }
  const address = String(host) === "" ? "unix:///var/run/docker.sock" : String(host);
  if (address.startsWith("unix://")) return { kind: "unix", socket: address.slice("unix://".length) };
  const ssh = /^ssh:\/\/(?:([^@/]+)@)?(\[[^\]]+\]|[^:/]+)(?::(\d+))?(\/.*)?$/.exec(address);
  if (!ssh || [ssh[1], ssh[2]].some((part) => part?.startsWith("-") || unfit.test(part ?? ""))) {
    throw new UserError(
      `host ${JSON.stringify(address)} cannot be used`,
      "it must read ssh://[user@]name[:port] or unix:///path",
    );
  }
  return {
    kind: "ssh",
    user: ssh[1],
    host: (ssh[2] as string).replace(/^\[|\]$/g, ""),
    port: ssh[3] === undefined ? undefined : Number(ssh[3]),
    socket: ssh[4] === undefined || ssh[4] === "/" ? undefined : ssh[4],
    options: sshOptions,
  };
}

export function registryLogins(config: PropertyMap): readonly RegistryLogin[] {
  const { registryAuth } = reveal(config) as PropertyMap;
  const logins = Array.isArray(registryAuth) ? (registryAuth as unknown as Record<string, unknown>[]) : [];
  for (const login of logins) {
    const key = ["configFile", "configFileContent"].find((name) => login[name] !== undefined);
    if (key !== undefined) {
      throw new UserError(
        `registryAuth.${key} is not supported by vmcluster's own docker provider`,
        "it takes username and password",
      );
    }
  }
  return logins as unknown as RegistryLogin[];
}
