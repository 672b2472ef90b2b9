import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dockerProvider } from "../../../providers/docker/provider";
import type { PropertyMap } from "../../../providers/rpc/values";
import { PluginClient, urn } from "../pluginClient";

// For machines that are busy with other things.
jest.setTimeout(60_000);

const expired =
  "error while validating Root CA Certificate: x509: certificate has expired or is not yet valid";

/** A daemon that answers what a real one of that version would to the creation of a service, and keeps what it was asked. */
class Daemon {
  readonly requests: IncomingMessage[] = [];
  /** Messages that the next reads, and the next changes, are refused with, HTTP 500. */
  refusals: Readonly<Record<string, string[]>> = {};
  private constructor(
    readonly socket: string,
    private readonly server: Server,
    private readonly folder: string,
  ) {}

  static async start(newest: string, oldest: string): Promise<Daemon> {
    const folder = await mkdtemp(join(tmpdir(), "vmcluster-api-"));
    const service = {
      ID: "s1",
      Version: { Index: 1 },
      Spec: { Name: "s" },
      Endpoint: { Spec: { Mode: "vip" } },
    };
    const server = createServer((request, response) => {
      daemon.requests.push(request);
      const path = request.url ?? "";
      response.setHeader("Api-Version", newest);
      if (path === "/version") response.end(JSON.stringify({ ApiVersion: newest, MinAPIVersion: oldest }));
      else if (path === "/_ping") response.end("OK");
      else if (path === "/info")
        response.end(JSON.stringify({ Swarm: { LocalNodeState: "error", Error: expired } }));
      else {
        const message = daemon.refusals[request.method ?? ""]?.shift();
        if (message !== undefined) response.writeHead(500).end(JSON.stringify({ message }));
        else response.end(JSON.stringify(path.endsWith("/create") ? { ID: "s1" } : service));
      }
    });
    const daemon = new Daemon(join(folder, "socket"), server, folder);
    await new Promise<void>((resolve) => server.listen(daemon.socket, resolve));
    return daemon;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.folder, { recursive: true });
  }
}

async function creation(
  newest: string,
  oldest: string,
  config: PropertyMap,
  image: string,
  rest: PropertyMap = {},
  refusals: Daemon["refusals"] = {},
) {
  const daemon = await Daemon.start(newest, oldest);
  daemon.refusals = refusals;
  const plugin = await PluginClient.of(dockerProvider());
  try {
    await plugin.configure({ host: `unix://${daemon.socket}`, ...config });
    const resource = urn("docker:index/service:Service", "s");
    const inputs = await plugin.checked(resource, {
      name: "s",
      taskSpec: { containerSpec: { image } },
      ...rest,
    });
    await plugin.create(resource, inputs);
    const create = daemon.requests.find(({ method }) => method === "POST");
    return { path: create?.url, auth: create?.headers["x-registry-auth"] as string | undefined };
  } finally {
    await plugin.close();
    await daemon.stop();
  }
}

it.each([
  ["an old daemon", "1.41", "1.12", "1.41"],
  ["a daemon newer than this provider", "1.52", "1.44", "1.47"],
  ["a daemon that has dropped all this provider knows", "1.60", "1.50", "1.50"],
])("%s is asked in a version that it has", async (_, newest, oldest, version) => {
  expect((await creation(newest, oldest, {}, "web:1")).path).toBe(`/v${version}/services/create`);
});

describe("a registry login", () => {
  const config = {
    registryAuth: JSON.stringify([
      { address: "https://registry.example:5000", username: "me", password: "pw" },
    ]),
  };
  const decoded = (header: string | undefined): unknown =>
    header === undefined ? undefined : JSON.parse(Buffer.from(header, "base64url").toString());

  it("is sent for images of its registry alone", async () => {
    const own = await creation("1.41", "1.12", config, "registry.example:5000/web:1");
    expect(decoded(own.auth)).toEqual({
      username: "me",
      password: "pw",
      serveraddress: "https://registry.example:5000",
    });
    for (const image of ["web:1", "vmcluster.internal/web:1", "registry.example/web"]) {
      expect((await creation("1.41", "1.12", config, image)).auth).toBeUndefined();
    }
  });

  it("of the service itself comes first", async () => {
    const auth = { serverAddress: "other", username: "you", password: "their" };
    const own = await creation("1.41", "1.12", config, "registry.example:5000/web:1", { auth });
    expect(decoded(own.auth)).toEqual({ username: "you", password: "their", serveraddress: "other" });
  });
});

describe("a swarm manager that refuses", () => {
  const made = async (refusals: Daemon["refusals"]) =>
    (await creation("1.41", "1.12", {}, "web:1", {}, refusals)).path;

  it("to answer for a moment is asked again", async () => {
    const moment = "rpc error: code = DeadlineExceeded desc = context deadline exceeded";
    expect(await made({ GET: [moment, moment] })).toContain("/create");
  });

  it("to answer for good is believed", async () => {
    await expect(made({ GET: ["disk full"] })).rejects.toThrow("disk full");
  });

  it("as it is no manager any more, it is asked why", async () => {
    const advice = 'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join"';
    const refused = made({ GET: [advice] });
    await expect(refused).rejects.toThrow("the certificates of the swarm have expired");
    await expect(refused).rejects.not.toThrow(/Use "docker swarm init"|manages no swarm/);
  });

  it("a change for want of a leader is asked again", async () => {
    const leaderless = "rpc error: code = Unknown desc = The swarm does not have a leader.";
    expect(await made({ POST: [leaderless, leaderless] })).toContain("/create");
  });

  it("a change that may be done all the same is not asked again", async () => {
    const lost =
      "rpc error: code = Unknown desc = raft: failed to process the request: node lost leader status";
    await expect(made({ POST: [lost] })).rejects.toThrow("lost leader status");
  });
});
