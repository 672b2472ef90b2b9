import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { ArgumentSchemas } from "../service/arguments";
import { type Checker, strict, text, texts } from "../service/checks";

/** A registry of images, and how it is reached. */
export interface ImageRegistry {
  /** Such as `docker.io` or `registry.example.com:5000`. */
  server: pulumi.Input<string>;
  username?: pulumi.Input<string>;
  /** Password or access token. Kept as a secret. */
  password?: pulumi.Input<string>;
  /** Docker that reaches the registry where this host does not. `RegistryService.access` has it. */
  docker?: ImageDocker;
  /** Another text means that the registry has lost what was in it: images are published again. `RegistryService.access` has it. */
  contentsId?: pulumi.Input<string>;
}

/** A Docker, as `docker.Provider` takes it. */
export interface ImageDocker {
  /** `ssh://…` or `unix:///…`. */
  host: pulumi.Input<string>;
  /** Options of the `ssh` program. */
  sshOpts?: pulumi.Input<pulumi.Input<string>[]>;
}

const server = z
  .string()
  .regex(
    /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d+)?$/,
    "must be a registry's host, with its port if need be, such as docker.io or registry.example.com:5000",
  );

/** As an argument of a component. */
export const registrySchema = strict({
  /** Of a login alone it may be an address: builders want more of it. */
  server: text,
  username: text.optional(),
  password: text.optional(),
  docker: strict({ host: text, sshOpts: texts.optional() }).optional(),
  contentsId: text.optional(),
} satisfies ArgumentSchemas<ImageRegistry>);

/** Host and port. An image's name begins with them, so they must not be taken for a part of its path. */
export const checkedServer = (check: Checker, value: pulumi.Input<string>): pulumi.Output<string> =>
  check.field(
    "registry.server",
    server.refine((host) => /[.:]/.test(host) || host === "localhost", 'must have a "." or a port in it'),
    value,
  );

/** The same of a registry that this host's Buildah is to publish to: over SSH it reaches those on loopback. */
export const reachedServer = (check: Checker, { server, docker }: ImageRegistry): pulumi.Output<string> =>
  pulumi.all([checkedServer(check, server), docker]).apply(([host, daemon]) => {
    if (!daemon?.host.startsWith("ssh://") || /^(localhost|127\.[\d.]+):\d+$/.test(host)) return host;
    return check.refuse(
      "registry",
      `builder "buildah" reaches ${host} only from this host: leave docker out, or take builder "docker"`,
    );
  });

/** The login of a registry, a secret; undefined where it has none. */
export function loginOf(
  check: Checker,
  { username, password }: ImageRegistry,
): pulumi.Output<{ readonly username: string; readonly password: string } | undefined> {
  return pulumi.secret(pulumi.all([username, password])).apply(([name, word]) => {
    if (name === undefined && word === undefined) return undefined;
    if (name && word) return { username: name, password: word };
    return check.refuse("registry", "must have both username and password, or neither");
  });
}
