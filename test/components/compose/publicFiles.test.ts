/** Compose files of real projects: read, converted, written and read again, and compared with what Docker's own client reads. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { convert } from "../../../components/compose/convert";
import { parseEnvFile } from "../../../components/compose/dotenv";
import { load } from "../../../components/compose/load";
import { modelOf } from "../../../components/compose/model";
import { composeText } from "../../../components/compose/write";
import { folder, publicFiles, refused, variables } from "./publicFiles";

const plan = (file: string) => convert(load({ files: [file], variables }), "shop").plan;
const accepted = publicFiles.filter((path) => refused[path] === undefined);
const scratch = mkdtempSync(join(tmpdir(), "vmcluster-public-"));
afterAll(() => rmSync(scratch, { recursive: true }));

it("has at least 15 of them, each with its source", () => {
  expect(publicFiles.length).toBeGreaterThanOrEqual(15);
  const sources = readFileSync(join(folder, "SOURCES.md"), "utf8");
  expect(publicFiles.filter((path) => !sources.includes(`\`${path}\``))).toEqual([]);
});

it.each(Object.entries(refused))("refuses %s by its line", (path, message) => {
  expect(() => plan(join(folder, path))).toThrow(message);
});

it.each(accepted)("reads what it writes of %s as the same", (path) => {
  const read = plan(join(folder, path));
  const again = load({ yaml: composeText(read), folder: scratch, variables: {} });
  expect(convert(again, "another").plan).toEqual(read);
});

it("warns of nothing in the classic file", () => {
  const file = join(folder, "docker-get-started.yml");
  expect(convert(load({ files: [file] }), "shop").warnings).toEqual([]);
});

it("reads every form that Docker's own example has", () => {
  const file = join(folder, "docker-cli/full-example.yml");
  const { services } = modelOf(load({ files: [file] }).tree);
  expect(services.foo).toMatchObject({
    command: ["bundle", "exec", "thin", "-p", "3000"],
    environment: { BAZ: "baz_from_service_def", QUX: null },
  });
});

type Fields = Record<string, unknown>;

const docker = spawnSync("docker", ["stack", "config", "--help"]).status === 0;

/** What `docker stack config` makes of a file; undefined if it refuses it. */
function dockersReading(file: string, written = false): Record<string, Record<string, Fields>> | undefined {
  const dotenv = join(dirname(file), ".env");
  const outside = { get: (name: string) => variables[name] };
  const own = existsSync(dotenv)
    ? Object.fromEntries(parseEnvFile(readFileSync(dotenv, "utf8"), outside))
    : {};
  const { status, stdout, stderr } = spawnSync("docker", ["stack", "config", "-c", file], {
    encoding: "utf8",
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...own, ...variables },
  });
  if (status === 0) return parse(stdout) as Record<string, Record<string, Fields>>;
  if (written) throw new Error(stderr);
  return undefined;
}

/** What only we read, or what is a warning; and what says the same in other words. */
function comparable(service: Fields): Fields {
  const {
    build,
    container_name,
    expose,
    links,
    restart,
    tmpfs,
    env_file,
    security_opt,
    pids_limit,
    tty,
    stdin_open,
    depends_on,
    devices,
    ...rest
  } = service;
  const { deploy, networks, ports, volumes, healthcheck, ...same } = rest as Record<string, Fields>;
  const { restart_policy: policy, ...how } = deploy ?? {};
  return {
    ...same,
    deploy: how,
    healthcheck,
    restart: policy ?? restartPolicy(restart as string | undefined),
    networks: Object.fromEntries(
      Object.entries(networks ?? {}).map(([name, settings]) => [
        name,
        (settings as { aliases?: string[] } | null)?.aliases ?? [],
      ]),
    ),
    ports: ((ports ?? []) as unknown as Fields[])
      .map(
        ({ target, published, protocol = "tcp", mode = "ingress" }) =>
          `${published}:${target}/${protocol} ${mode}`,
      )
      .sort(),
    volumes: ((volumes ?? []) as unknown as Fields[]).map(({ type, source, target, read_only }) => ({
      type,
      source,
      target,
      read_only,
    })),
  };
}

function restartPolicy(restart: string | undefined): Fields | undefined {
  const [kind, attempts] = (restart ?? "").split(":");
  if (kind === "on-failure") return { condition: kind, ...(attempts && { max_attempts: Number(attempts) }) };
  return kind === "no" ? { condition: "none" } : undefined;
}

const services = (file: Record<string, Record<string, Fields>> | undefined) =>
  Object.fromEntries(
    Object.entries(file?.services ?? {}).map(([name, service]) => [name, comparable(service)]),
  );

(docker ? describe : describe.skip)("docker stack config", () => {
  const compared: string[] = [];

  it.each(accepted)("reads %s as we do, and what we write of it", (path) => {
    const file = join(folder, path);
    const written = join(scratch, `${path.replaceAll("/", "-")}.yml`);
    writeFileSync(written, composeText(plan(file), { forDocker: true }));
    const ours = dockersReading(written, true);
    const theirs = dockersReading(file);
    if (theirs === undefined) return;
    compared.push(path);
    expect(services(ours)).toEqual(services(theirs));
  });

  it("reads at least eight of the files as they are", () => {
    expect(compared.length).toBeGreaterThanOrEqual(8);
  });
});
