/** Which image a name stands for now, asked of its registry: by the Docker of a machine, or from here. */
import { z } from "zod";
import { UserError } from "../../host/userError";
import { DockerApi, orGone } from "../../providers/docker/api";
import { keptLogin } from "../../providers/docker/dockerConfig";
import { foreignLogin, parseImageName } from "../../providers/docker/imageName";
import { encoded } from "../../providers/docker/registry";
import { RegistryClient } from "../../providers/docker/registryClient";
import { daemonOf } from "../../providers/docker/settings";

const question = z
  .strictObject({
    image: z.string().min(1),
    /** Whose Docker asks; none: this process does. */
    docker: z.strictObject({ host: z.string(), sshOpts: z.array(z.string()).optional() }).optional(),
    server: z.string().optional(),
    username: z.string().optional(),
    password: z.string().optional(),
  })
  .refine(
    ({ username, server }) => username === undefined || server !== undefined,
    "username: of which server?",
  );
type Question = z.infer<typeof question>;

/** `digest` is undefined where the registry has no such image; `error` says why it could not be asked. */
export type DigestAnswer = { readonly digest?: string } | { readonly error: string };

const timeoutMs = 120_000;
/** A machine that is off is not waited for. */
const patienceMs = 10_000;

/** Answers a question on standard input; also that nobody could be asked, so that a program can go on. */
export async function imageDigest(text: string): Promise<DigestAnswer> {
  const asked = question.parse(JSON.parse(text));
  const { image, server, username } = asked;
  const foreign = username !== undefined && server !== undefined ? foreignLogin(image, server) : undefined;
  if (foreign !== undefined) return { error: foreign };
  try {
    return { digest: await (asked.docker === undefined ? askHere(asked) : askThere(asked)) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { error: error.message };
  }
}

const operation = (image: string) => ({
  urn: "",
  name: image,
  signal: AbortSignal.timeout(timeoutMs),
  log: () => undefined,
  status: () => undefined,
  redact: (text: string) => text,
});

/** Specified by the Docker Engine API ("DistributionInspect"). */
async function askThere({
  image,
  docker,
  server,
  username,
  password,
}: Question): Promise<string | undefined> {
  const daemon = daemonOf({ ...docker });
  if (daemon === undefined) throw new UserError("docker: no address");
  const api = new DockerApi(daemon, { connections: 1, patienceMs });
  try {
    const login = username && password ? { username, password, serveraddress: server } : {};
    const answer = await orGone(
      api.get<{ readonly Descriptor: { readonly digest: string } }>(
        `/distribution/${encodeURI(image)}/json`,
        operation(image),
        { headers: { "X-Registry-Auth": encoded(login) } },
      ),
    );
    return answer?.Descriptor.digest;
  } finally {
    api.close();
  }
}

async function askHere({ image, server, username, password }: Question): Promise<string | undefined> {
  const name = parseImageName(image);
  const login = username ? { address: server, username, password } : await keptLogin(name.registry);
  const access = { ...login, insecure: false };
  return new RegistryClient(name.registry, access, operation(image)).digest(name);
}
