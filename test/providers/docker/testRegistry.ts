import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface TestRegistryOptions {
  /** How it wants to know who asks. */
  readonly auth?: "basic" | "bearer";
  readonly user?: string;
  readonly password?: string;
  /** Answers without saying the digest, as some do. */
  readonly silent?: boolean;
  readonly keepsAll?: boolean;
}

/** The part of a registry that tells digests and deletes, on loopback without TLS. */
export class TestRegistry {
  readonly manifests = new Map<string, string>();
  /** The `Authorization` headers it got, in order. */
  readonly logins: (string | undefined)[] = [];
  private readonly server: Server;

  constructor(private readonly options: TestRegistryOptions = {}) {
    this.server = createServer((request, response) => this.answer(request, response));
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  put(repository: string, tag: string, manifest: string): string {
    const digest = `sha256:${createHash("sha256").update(manifest).digest("hex")}`;
    for (const reference of [tag, digest]) this.manifests.set(`${repository}/${reference}`, manifest);
    return digest;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", `http://${this.host}`);
    const { authorization } = request.headers;
    const { auth, user, password, silent, keepsAll } = this.options;
    const basic = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
    if (url.pathname === "/token") {
      if (user !== undefined && authorization !== basic) return void response.writeHead(401).end();
      const token = `token for ${url.searchParams.get("scope")}`;
      return void response.end(JSON.stringify({ token: Buffer.from(token).toString("base64") }));
    }
    this.logins.push(authorization);
    if (auth === "basic" && authorization !== basic) {
      return void response.writeHead(401, { "www-authenticate": 'Basic realm="test"' }).end();
    }
    if (auth === "bearer" && !authorization?.startsWith("Bearer ")) {
      const challenge = `Bearer realm="http://${this.host}/token",service="test"`;
      return void response.writeHead(401, { "www-authenticate": challenge }).end();
    }
    const [, repository, reference] = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(url.pathname) ?? [];
    const manifest = this.manifests.get(`${repository}/${reference}`);
    if (manifest === undefined) {
      const errors = [{ code: "MANIFEST_UNKNOWN", message: "manifest unknown" }];
      return void response.writeHead(404).end(JSON.stringify({ errors }));
    }
    if (request.method === "DELETE") {
      if (keepsAll) return void response.writeHead(405).end();
      this.manifests.delete(`${repository}/${reference}`);
      return void response.writeHead(202).end();
    }
    const digest = `sha256:${createHash("sha256").update(manifest).digest("hex")}`;
    response.writeHead(200, silent ? {} : { "docker-content-digest": digest });
    response.end(request.method === "HEAD" ? undefined : manifest);
  }
}
