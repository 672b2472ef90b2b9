/** Asking, while the program runs, which image a name stands for now. */
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { foreignLogin } from "../../providers/docker/imageName";
import { machineCommand } from "../machineCommand";
import type { Checker } from "../service/checks";
import { type ImageRegistry, loginOf } from "./registry";

/** What `vmcluster image digest` prints: none where the registry has no such image; the reason where it could not be asked. */
export type DigestAnswer = { readonly digest?: string } | { readonly error: string };

const withOwnLogin = z
  .object({ image: z.string(), server: z.string().optional(), username: z.string().optional() })
  .superRefine(({ image, server, username }, context) => {
    if (server === undefined || username === undefined) return;
    const message = foreignLogin(image, server);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

/** Asks the registry: its `docker`, where it has one, else this host does. Also in previews, unless the name is not known yet. */
export function currentDigest(
  check: Checker,
  image: pulumi.Input<string>,
  registry: ImageRegistry | undefined,
): pulumi.Output<DigestAnswer> {
  const { server, username, docker } = registry ?? {};
  const own = check.field("registry.server", withOwnLogin, { image, server, username });
  const login = registry === undefined ? pulumi.output(undefined) : loginOf(check, registry);
  const answer = pulumi
    .all([own, docker, login])
    .apply(async ([{ image: name, server: host }, daemon, user]): Promise<DigestAnswer> => {
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
