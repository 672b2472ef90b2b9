/**
 * Golden files: what programs register is, byte for byte, what they registered before, so the stacks of users show no difference when code moves.
 * A failure means that every user with such a stack sees a change at the next `preview`. Find out why before anything else.
 *
 * `GOLDEN=record npx jest --selectProjects unit test/components/golden` records anew. Do that only if the difference is wanted, and say in
 * docs/upgrading.md what users will see; a moved file, another name in the code or a new protocol is no reason.
 */
import { join, resolve } from "node:path";
import { type Golden, record, recorded, register, sorted } from "./recorded";

jest.setTimeout(300_000);

const checkout = resolve(__dirname, "../../..");
const recording = process.env.GOLDEN === "record";

interface Case {
  readonly program: string;
  readonly config?: Record<string, string>;
  readonly env?: Record<string, string>;
}

const started = (config: Record<string, string> = {}): Case => ({
  program: "stacks/getStarted",
  config: Object.fromEntries(Object.entries(config).map(([key, value]) => [`vmcluster:${key}`, value])),
});

const login = (number: number): object => ({
  login: {
    host: `192.0.2.${number}`,
    sshUser: "ada",
    sshPort: 22,
    identity: "/keys/id",
    hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
  },
  privateAddress: `10.9.0.${number}`,
  otherAddress: `10.8.0.${number}`,
  docker: "ssh://ada@192.0.2.1",
});

const cases: Record<string, Case> = {
  "get-started": started(),
  "get-started-virtualbox": started({ driver: "virtualbox" }),
  "get-started-three-nodes": started({ nodeCount: "3", managers: "3" }),
  "get-started-all-settings": started({
    ...{ clusterName: "lab", driver: "qemu", nodeCount: "3", cpus: "2", memory: "2048", disk: "20" },
    ...{ replicas: "2", webPort: "80", visualizerPort: "81", redisPort: "82", redisPassword: "sesame" },
    ...{ webImage: "example.org/web:1", visualizerImage: "example.org/visualizer:1", redisImage: "redis:7" },
    ...{ subnet: "192.168.60.0/24", suite: "trixie" },
  }),
  "get-started-image": started({ image: "ubuntu" }),
  arguments: {
    program: "test/components/arguments/program",
    env: {
      ...{
        DOCKER: "ssh://swarm.example",
        CONTEXT: join(__dirname, "../arguments/files"),
        DATA_FOLDER: "/data/redis",
      },
      ...{
        SSH: '{"host":"192.0.2.1","user":"ada","privateKey":"PRIVATE KEY"}',
        WAY: '{"host":"ssh://way.example"}',
      },
    },
  },
  services: {
    program: "test/components/service/everyArgument",
    env: { DOCKER: "ssh://swarm.example", NEWER_DOCKER: "yes" },
  },
  hosts: {
    program: "test/components/arguments/hostsProgram",
    env: {
      ...{ HOSTS: JSON.stringify([1, 2, 3].map(login)), MEMBER: "yes" },
      ...{ IMAGE_URL: "https://example.org/node.qcow2", IMAGE_CHECKSUM: `sha256:${"0".repeat(64)}` },
    },
  },
  "virtual-machines": { program: "test/components/arguments/virtualProgram" },
};

const { arch } = process;
const environment = { ...process.env };

beforeEach(() => {
  jest.resetModules();
  // Paths are relative to the program's folder, and images are for this computer unless the program says otherwise.
  jest.spyOn(process, "cwd").mockReturnValue(checkout);
  Object.defineProperty(process, "arch", { value: "x64" });
});

afterEach(() => {
  jest.restoreAllMocks();
  Object.defineProperty(process, "arch", { value: arch });
  process.env = { ...environment };
});

it.each(Object.entries(cases))("%s registers what it did", async (name, { program, config = {}, env }) => {
  Object.assign(process.env, env);
  const before: Golden = recorded(name) ?? {};
  const made = await register(
    () => require(join(checkout, program)),
    config,
    recording ? [] : Object.keys(before),
  );
  if (recording) record(name, made);
  else expect(sorted(made)).toEqual(before);
});
