import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildServiceImages } from "../../../images/build";
import type { Told } from "../../providers/daemonProject";
import type { DockerDaemon } from "../../providers/dockerDaemon";

/** The password of `ada` in a registry that wants a login. */
export const password = "correct horse";
/** What `htpasswd -B` makes of it. */
const htpasswd = "ada:$2b$05$H4xpDcxvfpm9M1c0uR9/z.ScCXpx2YYUjTKNGUrTzyIbSM5iE5Hnq\n";

/** A real registry, our own one's image, in the daemon's network: the container `registry`. It wants a login if it has a folder for the file of that. */
export async function startRegistry(daemon: DockerDaemon, folder?: string, port = 5000): Promise<void> {
  const [image] = await buildServiceImages({ only: ["registry"] });
  if (image === undefined) throw new Error("no image of the registry");
  await daemon.docker("load", "-q", "-i", image.archive);
  const login: string[] = [];
  if (folder !== undefined) {
    writeFileSync(join(folder, "htpasswd"), htpasswd);
    login.push(
      ...["-v", `${folder}/htpasswd:/htpasswd:ro`, "-e", "REGISTRY_AUTH_HTPASSWD_PATH=/htpasswd"],
      ...["-e", "REGISTRY_AUTH=htpasswd", "-e", "REGISTRY_AUTH_HTPASSWD_REALM=test"],
    );
  }
  const address = ["--network", "host", "-e", `REGISTRY_HTTP_ADDR=:${port}`];
  await daemon.docker("run", "-d", "--name", "registry", ...address, ...login, image.ref);
}

export interface Outputs {
  readonly imageRef: string;
  readonly publishedRef: string;
}
export const outputs = (told: Told): Outputs => told.outputs as unknown as Outputs;

/** The image of a service. */
export const imageOf = (daemon: DockerDaemon, service: string): Promise<string> =>
  daemon.docker("service", "inspect", "-f", "{{.Spec.TaskTemplate.ContainerSpec.Image}}", service);

/** What a container of the service `app` says. */
export async function inContainer(daemon: DockerDaemon, ...command: string[]): Promise<string> {
  const ids = await daemon.docker("ps", "-q", "-f", "label=com.docker.swarm.service.name=app");
  return daemon.docker("exec", ids.split("\n")[0] as string, ...command);
}
