/** `buildah push`. Specified by containers/buildah: docs/buildah-push.1.md. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RunError } from "../../../host/run";
import { runBound } from "../../../host/runBound";
import { UserError } from "../../../host/userError";
import type { Progress } from "../../../machine/progress";
import { isLoopback } from "../../../providers/docker/registryClient";
import { daemonOf } from "../../../providers/docker/settings";
import { authOptions } from "./authFile";
import { saidBy } from "./build";
import type { PublishSpec } from "./publishSpec";
import { withTunnel } from "./tunnel";

/**
 * Publishes the image of this ID under each tag.
 *
 * @param folder private, for the login
 * @returns the digest that the registry has it by
 * @throws UserError with what Buildah, or ssh on the way, said
 */
export async function pushImage(
  id: string,
  spec: PublishSpec,
  folder: string,
  progress: Progress,
): Promise<string> {
  const daemon = spec.docker && daemonOf({ ...spec.docker });
  if (daemon?.kind !== "ssh") return pushTo(spec.server, id, spec, folder, progress);
  if (!isLoopback(spec.server))
    throw new UserError(
      `${spec.server} is to be reached through ${spec.docker?.host}`,
      'builder "buildah" reaches registries there on 127.0.0.1 only',
      'leave registry.docker out if this host reaches it, or take builder "docker"',
    );
  return withTunnel(daemon, spec.server, (address) => pushTo(address, id, spec, folder, progress));
}

async function pushTo(
  address: string,
  id: string,
  spec: PublishSpec,
  folder: string,
  progress: Progress,
): Promise<string> {
  const { server, path, tags } = spec;
  const digestFile = join(folder, "digest");
  const options = [
    ...["--digestfile", digestFile],
    // As Docker does it.
    ...(isLoopback(server) ? ["--tls-verify=false"] : []),
    ...authOptions(folder, address, spec),
  ];
  for (const tag of tags) {
    const name = `${server}/${path}:${tag}`;
    progress(`pushing ${name}`);
    try {
      await runBound("buildah", ["push", ...options, id, `docker://${address}/${path}:${tag}`], {
        onStderrLine: (line) => {
          if (line.startsWith("Copying ")) progress(line);
        },
      });
    } catch (error) {
      if (!(error instanceof RunError)) throw error;
      throw new UserError(`${name} cannot be pushed`, saidBy(error).replaceAll(address, server));
    }
  }
  return readFileSync(digestFile, "utf8").trim();
}
