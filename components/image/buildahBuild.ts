import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { machineCommand } from "../machineCommand";
import type { Checker } from "../service/checks";
import type { ImageBuild, Publication, PublishedImage } from "./build";
import { loginOf, reachedServer } from "./registry";

/** By the Buildah of this host: one command for all tags. */
export function builtByBuildah(publication: Publication): PublishedImage {
  const { name, build, registry, path, tags, check, opts } = publication;
  const server = reachedServer(check, registry);
  const login =
    registry.username === undefined && registry.password === undefined ? undefined : loginOf(check, registry);
  const published = new command.local.Command(
    `${name}-image`,
    {
      interpreter: machineCommand("image"),
      create: "publish",
      stdin: pulumi.jsonStringify({
        build: { ...build, contextDigest: contextDigest(check, build) },
        ...{ server, path, tags, login },
        docker: registry.docker,
        contentsId: registry.contentsId,
      }),
      logging: command.local.Logging.Stderr,
    },
    opts,
  );
  // Nothing of a password is in it.
  const digest = pulumi
    .unsecret(published.stdout)
    .apply((printed) => (JSON.parse(printed) as { digest: string }).digest);
  return {
    ref: pulumi.interpolate`${server}/${path}@${digest}`,
    image: pulumi.all([server, path, digest]).apply(([host, of]) => `${host}/${of}:${tags[0]}`),
  };
}

/** What `vmcluster image context-digest` prints. */
type ContextAnswer = { readonly digest: string } | { readonly field: string; readonly error: string };

/** Told while the program runs, also in previews: a change of the context is a change of the image, and what is missing is said at once. */
function contextDigest(check: Checker, { context, dockerfile }: ImageBuild): pulumi.Output<string> {
  return pulumi.all([context, dockerfile]).apply(async ([folder, file]) => {
    const { stdout } = await command.local.run({
      interpreter: machineCommand("image"),
      command: "context-digest",
      stdin: JSON.stringify({ context: folder, dockerfile: file }),
      logging: command.local.Logging.None,
    });
    const answer = JSON.parse(stdout) as ContextAnswer;
    return "digest" in answer ? answer.digest : check.refuse(answer.field, answer.error);
  });
}
