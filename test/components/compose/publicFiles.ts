/** Compose files of real projects, with where they are from in `files/SOURCES.md`. */
import { readdirSync } from "node:fs";
import { join } from "node:path";

export const folder = join(__dirname, "files");

/** All but the second files of two. */
export const publicFiles = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.ya?ml$/.test(path) && path !== "docker-cli/full-example.yml")
  .sort();

/** What of it swarm cannot run, by file: services that are to be built. */
export const refused: Readonly<Record<string, RegExp>> = {
  "awesome/traefik-golang.yaml": /traefik-golang\.yaml:13: services\.backend: has `build` and no `image`/,
  "docker-elk/docker-compose.yml": /docker-compose\.yml:\d+: services\.\w+: has `build` and no `image`/,
  "mattermost/docker-compose.nginx.yml": /services\.mattermost: has no image/,
};

/** Variables that have no value in a project's own `.env`. */
export const variables: Readonly<Record<string, string>> = {
  TIMEZONE: "Europe/Berlin",
  PIHOLE_PW: "pa$$word",
  PIHOLE_ROUTER_IP: "10.0.0.1",
};
