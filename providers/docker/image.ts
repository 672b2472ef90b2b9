/**
 * `docker:index/image:Image`: an image that the daemon builds from a local context and pushes. Specified by the Docker
 * Engine API ("ImageBuild", "ImagePush") and pulumi/pulumi-docker: provider/image.go, provider/provider.go.
 */
import { join, relative, resolve, sep } from "node:path";
import { UserError } from "../../host/userError";
import type { CheckFailure } from "../rpc/check";
import type { Change } from "../rpc/diff";
import { boolean, list, map, object, type Properties, string } from "../rpc/property";
import type { Operation, ResourceType } from "../rpc/resource";
import {
  containsUnknown,
  isPropertyMap,
  type PropertyMap,
  type PropertyValue,
  reveal,
  Secret,
  Unknown,
} from "../rpc/values";
import type { DockerApi } from "./api";
import { buildImage } from "./build";
import { text, texts } from "./containerSpec";
import { checkedContextDigest } from "./contextDigest";
import { keptLogin } from "./dockerConfig";
import { bareRegistry, dockerHub, parseImageName } from "./imageName";
import { findImage, pulledImage } from "./images";
import { pushImage } from "./push";
import type { RegistryLogin } from "./settings";

const properties: Properties = {
  imageName: string({ required: true }),
  skipPush: boolean(),
  buildOnPreview: boolean(),
  registry: object("docker:index/registry:Registry", {
    server: string(),
    username: string(),
    password: string({ secret: true }),
  }),
  build: object("docker:index/dockerBuild:DockerBuild", {
    context: string(),
    dockerfile: string(),
    args: map(string()),
    target: string(),
    platform: string(),
    network: string(),
    addHosts: list(string()),
    builderVersion: string({ oneOf: ["BuilderV1", "BuilderBuildKit"] }),
    cacheFrom: object("docker:index/cacheFrom:CacheFrom", { images: list(string()) }),
    // Found out by Check: a change of the context is a change of the image.
    contextDigest: string(),
  }),
  baseImageName: string({ output: true }),
  context: string({ output: true }),
  dockerfile: string({ output: true }),
  platform: string({ output: true }),
  registryServer: string({ output: true }),
  repoDigest: string({ output: true }),
};

const architectures: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

interface Wanted {
  readonly name: string;
  readonly push: boolean;
  readonly context: string;
  readonly dockerfile: string;
  readonly build: PropertyMap;
  readonly cached: readonly string[];
  readonly registry: PropertyMap;
}

export function image(api: () => DockerApi, logins: () => readonly RegistryLogin[]): ResourceType {
  /** Its own login, else the provider's for the registry, else the one that `docker login` has kept. */
  async function loginFor({ name, registry }: Wanted): Promise<RegistryLogin | undefined> {
    const [server, username, password] = [
      text(registry.server),
      text(registry.username),
      text(registry.password),
    ];
    const host = server === undefined ? parseImageName(name).registry : bareRegistry(server);
    if (username && password) return { address: host, username, password };
    return logins().find(({ address }) => bareRegistry(address) === host) ?? keptLogin(host);
  }

  async function built(inputs: PropertyMap, operation: Operation, preview: boolean): Promise<PropertyMap> {
    const wanted = wantedBy(inputs);
    const { name, build, context, dockerfile, cached } = wanted;
    const push = wanted.push && !preview;
    const login = push || cached.length > 0 ? await loginFor(wanted) : undefined;
    const all = [...(login ? [login] : []), ...logins()];
    const platform = text(build.platform);
    for (const one of cached) {
      await pulledImage(api(), { name: one, platform, logins: all }, operation).catch((error: Error) =>
        operation.log("info", `no cache from ${one}: ${error.message}`),
      );
    }
    const id = await buildImage(
      api(),
      {
        context: { folder: context, dockerfile },
        tags: [name],
        builder: build.builderVersion === "BuilderV1" ? "1" : "2",
        logins: all,
        query: {
          rm: true,
          platform,
          target: text(build.target),
          networkmode: text(build.network),
          extrahosts: texts(build.addHosts),
          cachefrom: cached.length > 0 ? JSON.stringify(cached) : undefined,
          buildargs: isPropertyMap(build.args) ? JSON.stringify(build.args) : undefined,
        },
      },
      operation,
    );
    const repoDigest = push
      ? await pushed(wanted, login, operation)
      : ((await findImage(api(), name, operation))?.Id ?? id);
    return { ...knownOutputs(wanted), repoDigest };
  }

  async function pushed(
    { name, registry }: Wanted,
    login: RegistryLogin | undefined,
    operation: Operation,
  ): Promise<string> {
    const { username, password } = login ?? {};
    const serveraddress = text(registry.server) ?? login?.address;
    const digest = await pushImage(api(), name, { username, password, serveraddress }, operation);
    const { repository } = withoutTag(name);
    if (digest !== undefined) return `${repository}@${digest}`;
    const known = (await findImage(api(), name, operation))?.RepoDigests ?? [];
    return known.find((one) => one.startsWith(`${repository}@`)) ?? "<none>@<none>";
  }

  return {
    properties,
    native: true,
    complete,
    refineChanges,

    async preview(inputs, olds, operation) {
      const { buildOnPreview, imageName, build } = inputs;
      const known = [imageName, build].every((part) => part !== undefined && !containsUnknown(part));
      if (reveal(buildOnPreview ?? false) === true && known) return built(inputs, operation, true);
      if (!known) return { ...olds, ...inputs, repoDigest: Unknown.value };
      return { ...knownOutputs(wantedBy(inputs)), repoDigest: Unknown.value };
    },

    async create(inputs, operation) {
      const outputs = await built(inputs, operation, false);
      return { id: String(outputs.imageName), outputs: { ...outputs, __inputs: new Secret(inputs) } };
    },

    update: async ({ inputs }, operation) => ({
      ...(await built(inputs, operation, false)),
      __inputs: new Secret(inputs),
    }),

    read: async (current) => current,
    /** Neither the daemon's image nor the registry's is taken away. */
    delete: async () => undefined,
  };
}

function wantedBy(inputs: PropertyMap): Wanted {
  const opened = reveal(inputs) as PropertyMap;
  const build = isPropertyMap(opened.build) ? opened.build : {};
  const cacheFrom = isPropertyMap(build.cacheFrom) ? build.cacheFrom : {};
  return {
    name: String(opened.imageName),
    push: opened.skipPush !== true,
    build,
    context: text(build.context) ?? ".",
    dockerfile: text(build.dockerfile) ?? "Dockerfile",
    cached: texts(cacheFrom.images) ?? [],
    registry: isPropertyMap(opened.registry) ? opened.registry : {},
  };
}

function knownOutputs({ name, context, dockerfile, registry, build }: Wanted): PropertyMap {
  return {
    baseImageName: name,
    imageName: name,
    context,
    dockerfile: relative(resolve(context), resolve(dockerfile)).split(sep).join("/"),
    platform: text(build.platform) ?? "",
    registryServer: text(registry.server) ?? "",
  };
}

/** The full name, as the registry's part of it is spelt out. */
function withoutTag(name: string): { repository: string } {
  const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
  const bare = colon < 0 ? name : name.slice(0, colon);
  const { registry, repository } = parseImageName(name);
  return { repository: registry === dockerHub ? `${dockerHub}/${repository}` : bare };
}

/** Defaults that depend on each other and on this machine, and the hash of the context. */
async function complete(inputs: PropertyMap): Promise<{ inputs: PropertyMap; failures: CheckFailure[] }> {
  const failures: CheckFailure[] = [];
  const given = isPropertyMap(inputs.build) ? inputs.build : {};
  const build: Record<string, PropertyValue> = { ...given };
  const context = inputs.build === undefined || given.context === undefined ? "." : reveal(given.context);
  build.context = given.context ?? ".";
  if (given.dockerfile !== undefined) build.dockerfile = given.dockerfile;
  else build.dockerfile = context instanceof Unknown ? Unknown.value : join(String(context), "Dockerfile");
  const dockerfile = reveal(build.dockerfile);
  if (typeof context === "string" && typeof dockerfile === "string") {
    const digest = await checkedContextDigest(context, dockerfile).catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      failures.push({ property: "build.dockerfile", reason: error.message });
      return undefined;
    });
    if (digest !== undefined) build.contextDigest = digest;
  }
  build.platform ??= `linux/${architectures[process.arch] ?? process.arch}`;
  const cacheFrom = isPropertyMap(given.cacheFrom) ? reveal(given.cacheFrom) : undefined;
  const cached = isPropertyMap(cacheFrom) ? (texts(cacheFrom.images) ?? []) : [];
  const name = reveal(inputs.imageName as PropertyValue);
  const named = reveal(inputs.skipPush ?? false) !== true || cached.length > 0 ? [name, ...cached] : [];
  for (const one of named) {
    if (typeof one !== "string" || hasRegistry(one)) continue;
    failures.push({
      property: one === name ? "imageName" : "build.cacheFrom.images",
      reason: `${JSON.stringify(one)} must name its registry, such as docker.io/${one.includes("/") ? one : `you/${one}`}`,
    });
  }
  return { inputs: { ...inputs, build, buildOnPreview: inputs.buildOnPreview ?? false }, failures };
}

function hasRegistry(name: string): boolean {
  const first = name.split("/", 1)[0] as string;
  return name.includes("/") && (/[.:]/.test(first) || first === "localhost");
}

/** Another login to the same registry builds nothing anew, and neither is any part of a property worth a line of its own. */
function refineChanges(changes: readonly Change[], olds: PropertyMap, news: PropertyMap): readonly Change[] {
  const topLevel = new Map<string, Change>();
  for (const change of changes) {
    const path = change.path.split(/[.[]/, 1)[0] as string;
    const kind = olds[path] === undefined ? "add" : news[path] === undefined ? "delete" : "update";
    const login =
      path === "registry" && kind === "update" && /^registry\.(username|password)$/.test(change.path);
    if (!login) topLevel.set(path, { path, kind, replaces: false });
  }
  return [...topLevel.values()];
}
