import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Publication, PublishedImage } from "./build";
import { checkedServer, loginOf } from "./registry";

/** By the Docker of the provider: a resource for each tag. */
export function builtByDocker(publication: Publication): PublishedImage {
  const { name, build, registry, path, tags, check, opts } = publication;
  const repository = pulumi.interpolate`${checkedServer(check, registry.server)}/${path}`;
  const login = loginOf(check, registry);
  const account =
    registry.username === undefined && registry.password === undefined
      ? undefined
      : {
          server: registry.server,
          username: pulumi.unsecret(login.apply((user) => user?.username)),
          password: login.apply((user) => user?.password),
        };
  const published: docker.Image[] = [];
  for (const tag of tags) {
    published.push(
      new docker.Image(
        published.length === 0 ? `${name}-image` : `${name}-image-${tag}`,
        {
          imageName: pulumi.interpolate`${repository}:${tag}`,
          build,
          registry: account,
        },
        {
          ...opts,
          // The same build a second time is there already.
          dependsOn: published.slice(0, 1),
          ...(registry.contentsId === undefined ? {} : { replacementTrigger: registry.contentsId }),
        },
      ),
    );
  }
  const [first] = published as [docker.Image];
  const ref = pulumi.all([first.repoDigest, first.imageName]).apply(([digest, image]) => {
    if (/@sha256:[0-9a-f]{64}$/.test(digest)) return digest;
    throw new pulumi.RunError(`ServiceImage "${name}": ${image} was published and has no digest: ${digest}`);
  });
  return { ref, image: pulumi.all([ref, first.imageName]).apply(([, image]) => image) };
}
