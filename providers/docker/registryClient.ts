/**
 * A registry of images: the digest of a tag, and deleting a manifest. Specified by the OCI distribution specification
 * (pulling, deleting manifests) and, for logins, by the distribution project's "Token Authentication".
 * As the Docker daemon does, a registry on loopback may speak plain HTTP or show a certificate that nobody has signed.
 */
import { createHash } from "node:crypto";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import { UserError } from "../../host/userError";
import type { Operation } from "../rpc/resource";
import { dockerHub, type ImageName } from "./imageName";
import { bytes } from "./streams";

export interface RegistryAccess {
  /** As the program writes it; it may begin with `http://`. */
  readonly address?: string;
  readonly username?: string;
  readonly password?: string;
  /** Do not check the registry's certificate; plain HTTP is allowed too. */
  readonly insecure: boolean;
}

const manifestTypes = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];
const hubHost = "registry-1.docker.io";
const timeoutMs = 60_000;
const redirects = 5;

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

export class RegistryClient {
  private readonly host: string;
  private readonly loose: boolean;
  private scheme: "http" | "https" | undefined;

  constructor(
    registry: string,
    private readonly access: RegistryAccess,
    private readonly operation: Operation,
  ) {
    this.host = registry === dockerHub ? hubHost : registry;
    this.loose = access.insecure || isLoopback(this.host);
    if (access.address?.startsWith("http://")) {
      if (!this.loose) {
        throw new UserError(
          `registry ${this.host} is to be asked without TLS`,
          "that is done on loopback only",
          "use https, or set insecureSkipVerify",
        );
      }
      this.scheme = "http";
    }
  }

  /** Undefined where there is no such image. */
  async digest({ repository, reference }: ImageName): Promise<string | undefined> {
    const path = `/v2/${repository}/manifests/${reference}`;
    const scope = `repository:${repository}:pull`;
    const head = await this.ask("HEAD", path, scope);
    if (head.status === 404) return undefined;
    const told = head.headers["docker-content-digest"];
    if (head.status === 200 && typeof told === "string") return told;
    const { status, headers, body } = await this.ask("GET", path, scope);
    if (status === 404) return undefined;
    if (status !== 200) throw this.failure(`reading ${repository}:${reference}`, status, body);
    const said = headers["docker-content-digest"];
    return typeof said === "string" ? said : `sha256:${createHash("sha256").update(body).digest("hex")}`;
  }

  /** Succeeds where it is gone already. */
  async delete(repository: string, digest: string): Promise<void> {
    const path = `/v2/${repository}/manifests/${digest}`;
    const { status, body } = await this.ask("DELETE", path, `repository:${repository}:pull,push,delete`);
    if (status === 200 || status === 202 || status === 404) return;
    if (status === 405) {
      throw new UserError(
        `registry ${this.host} lets no image be deleted`,
        undefined,
        "allow it there (storage.delete.enabled), or set keepRemotely",
      );
    }
    throw this.failure(`deleting ${repository}@${digest}`, status, body);
  }

  /** Credentials are sent only where the registry asks for them, in the way it asks for. */
  private async ask(method: string, path: string, scope: string): Promise<Answer> {
    const first = await this.send(method, path, {});
    if (first.status !== 401) return first;
    const authorization = await this.authorization(String(first.headers["www-authenticate"] ?? ""), scope);
    const answer = await this.send(method, path, { Authorization: authorization });
    if (answer.status === 401 || answer.status === 403) {
      throw new UserError(
        `registry ${this.host} refuses the login${this.access.username ? ` of ${this.access.username}` : ""}`,
        `HTTP ${answer.status}`,
        "see registryAuth of the provider, or authConfig",
      );
    }
    return answer;
  }

  private async authorization(challenge: string, scope: string): Promise<string> {
    const { username, password } = this.access;
    const basic =
      username && password ? `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` : undefined;
    const [, kind = "", parameters = ""] = /^(\w+)\s*(.*)$/.exec(challenge) ?? [];
    if (kind.toLowerCase() === "basic" && basic) return basic;
    if (kind.toLowerCase() !== "bearer") {
      throw new UserError(
        `registry ${this.host} wants a login`,
        undefined,
        "give one: registryAuth of the provider, or authConfig",
      );
    }
    const said = Object.fromEntries(
      [...parameters.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
    );
    const url = new URL(String(said.realm));
    if (url.protocol !== "https:" && !(this.loose && isLoopback(url.host))) {
      throw new UserError(`registry ${this.host} wants a login over plain HTTP`, url.origin);
    }
    if (said.service) url.searchParams.set("service", said.service);
    url.searchParams.set("scope", scope);
    const { status, body } = await this.fetch("GET", url, basic ? { Authorization: basic } : {});
    if (status !== 200) throw this.failure("logging in", status, body);
    const token = JSON.parse(body.toString("utf8")) as { token?: string; access_token?: string };
    return `Bearer ${token.token ?? token.access_token ?? ""}`;
  }

  private async send(method: string, path: string, headers: Record<string, string>): Promise<Answer> {
    const all = { Accept: manifestTypes.join(", "), ...headers };
    const at = (scheme: string): URL => new URL(`${scheme}://${this.host}${path}`);
    if (this.scheme) return this.fetch(method, at(this.scheme), all);
    try {
      const answer = await this.fetch(method, at("https"), all);
      this.scheme = "https";
      return answer;
    } catch (error) {
      this.operation.signal.throwIfAborted();
      if (!this.loose) throw this.unreachable(error);
    }
    this.scheme = "http";
    return this.fetch(method, at("http"), all).catch((error: unknown) => {
      throw this.unreachable(error);
    });
  }

  private async fetch(
    method: string,
    url: URL,
    headers: Record<string, string>,
    left = redirects,
  ): Promise<Answer> {
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const signal = AbortSignal.any([this.operation.signal, AbortSignal.timeout(timeoutMs)]);
      send(url, { method, headers, signal, rejectUnauthorized: !this.loose }, resolve)
        .on("error", reject)
        .end();
    });
    const body = await bytes(response);
    const { location } = response.headers;
    if (location !== undefined && [301, 302, 303, 307, 308].includes(response.statusCode ?? 0) && left > 0) {
      const next = new URL(location, url);
      const { Authorization: _, ...rest } = headers;
      // A login is for the host that asked for it.
      return this.fetch(
        method,
        next,
        next.host === url.host && next.protocol === url.protocol ? headers : rest,
        left - 1,
      );
    }
    return { status: response.statusCode ?? 0, headers: response.headers, body };
  }

  private unreachable(error: unknown): UserError {
    return new UserError(`registry ${this.host} cannot be reached`, (error as Error).message);
  }

  private failure(doing: string, status: number, body: Buffer): UserError {
    return new UserError(`${doing} at registry ${this.host} failed`, `HTTP ${status} ${saidIn(body)}`.trim());
  }
}

/** The registry's own words, where its answer has the specified form. */
function saidIn(body: Buffer): string {
  try {
    const { errors } = JSON.parse(body.toString("utf8")) as {
      errors?: { code?: string; message?: string }[];
    };
    return (errors ?? []).map(({ code, message }) => [code, message].filter(Boolean).join(": ")).join("; ");
  } catch {
    return "";
  }
}

export function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  return name === "localhost" || name === "::1" || (isIP(name) === 4 && name.startsWith("127."));
}
