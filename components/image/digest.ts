/** Asking, while the program runs, which image a name stands for now. */
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { machineCommand } from "../machineCommand";
import type { Checker } from "../service/checks";
import { type ImageRegistry, loginOf } from "./registry";

/** What `vmcluster image digest` prints: none where the registry has no such image; the reason where it could not be asked. */
export type DigestAnswer = { readonly digest?: string } | { readonly error: string };

/** Asks the registry: its `docker`, where it has one, else this host does. Also in previews, unless the name is not known yet. */
export function currentDigest(
  check: Checker,
  image: pulumi.Input<string>,
  registry: ImageRegistry | undefined,
): pulumi.Output<DigestAnswer> {
  const { server, docker } = registry ?? {};
  const login = registry === undefined ? pulumi.output(undefined) : loginOf(check, registry);
  const answer = pulumi
    .all([image, server, docker, login])
    .apply(async ([name, host, daemon, user]): Promise<DigestAnswer> => {
      const question = { image: name, docker: daemon, ...(user && { server: host, ...user }) };
      const { stdout } = await command.local.run({
        interpreter: machineCommand("image"),
        command: "digest",
        stdin: JSON.stringify(question),
        logging: command.local.Logging.None,
      });
      return JSON.parse(stdout) as DigestAnswer;
    });
  // Nothing of a password is in it.
  return pulumi.unsecret(answer);
}

/** The name without tag and digest. */
export function repositoryOf(image: string): string {
  const [tagged = ""] = image.split("@", 1);
  const colon = tagged.indexOf(":", tagged.lastIndexOf("/") + 1);
  return colon < 0 ? tagged : tagged.slice(0, colon);
}
