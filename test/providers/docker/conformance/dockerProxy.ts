import { rm } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { createConnection, type Socket } from "node:net";
import { isDeepStrictEqual } from "node:util";
import type { Json } from "../../../../providers/docker/json";

/** One request and its answer, without the API's version in the path. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly body?: Json;
  readonly status: number;
  /** As text where it is not one JSON value; in base64 where it is no text. */
  readonly answer?: Json;
  readonly encoding?: "text" | "base64";
  readonly headers?: { readonly [name: string]: string };
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function pathOf({ url = "" }: IncomingMessage): string {
  return url.replace(/^\/v\d+\.\d+/, "").replace(/session=[^&]+/, "session=*");
}

function parsed(body: Buffer, type: string | undefined): Json | undefined {
  if (body.length === 0) return undefined;
  if (type?.includes("json")) return JSON.parse(body.toString("utf8")) as Json;
  return "(archive)";
}

/** As it is after JSON: without what is undefined. */
function asJson(body: Json | undefined): unknown {
  return body === undefined ? undefined : JSON.parse(JSON.stringify(body));
}

function answerOf(body: Buffer): Pick<Exchange, "answer" | "encoding"> {
  const text = body.toString("utf8");
  if (text === "") return {};
  try {
    return { answer: JSON.parse(text) as Json };
  } catch {
    return Buffer.from(text, "utf8").equals(body) && !text.includes("\0")
      ? { answer: text, encoding: "text" }
      : { answer: body.toString("base64"), encoding: "base64" };
  }
}

/** A unix socket, or a port. */
export type Address = string | { readonly host: string; readonly port: number };

abstract class Listening {
  protected server: Server;
  private readonly open = new Set<Socket>();

  constructor(readonly socket: Address) {
    this.server = createServer((message, response) => {
      this.serve(message, response).catch((error: Error) => {
        response.writeHead(500).end(JSON.stringify({ message: error.message }));
      });
    });
    this.server.on("connection", (connection: Socket) => {
      this.open.add(connection);
      connection.on("close", () => this.open.delete(connection));
    });
  }

  get host(): string {
    return `unix://${this.socket}`;
  }

  async listen(): Promise<this> {
    const at = this.socket;
    if (typeof at === "string") await rm(at, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.server.once("error", reject);
      if (typeof at === "string") this.server.listen(at, resolve);
      else this.server.listen(at.port, at.host, resolve);
    });
    return this;
  }

  async close(): Promise<void> {
    for (const connection of this.open) connection.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  protected abstract serve(message: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** What of an answer's headers a client goes by. */
const toldHeaders = ["www-authenticate", "docker-content-digest"];

/** Stands before a real daemon, or a registry, and writes down what is said. */
export class RecordingProxy extends Listening {
  private exchanges: Exchange[] = [];

  constructor(
    socket: Address,
    private readonly daemon: Address,
  ) {
    super(socket);
    this.server.on("upgrade", (message: IncomingMessage, client, head) => {
      const there = typeof daemon === "string" ? createConnection(daemon) : createConnection(daemon);
      const headers = message.rawHeaders
        .map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`))
        .join("");
      there.write(`${message.method} ${message.url} HTTP/1.1\r\n${headers}\r\n`);
      if (head.length > 0) there.write(head);
      there.pipe(client).pipe(there);
      for (const end of [client, there]) end.on("error", () => undefined);
    });
  }

  /** What was said since the last call. */
  take(): Exchange[] {
    const taken = this.exchanges;
    this.exchanges = [];
    return taken;
  }

  protected async serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(message);
    const { "transfer-encoding": _, ...headers } = message.headers;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(
        {
          ...(typeof this.daemon === "string" ? { socketPath: this.daemon } : this.daemon),
          method: message.method,
          path: message.url,
          headers: { ...headers, "content-length": body.length },
          agent: false,
        },
        resolve,
      );
      sent.on("error", reject);
      sent.end(body);
    });
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    const said: Buffer[] = [];
    for await (const chunk of answer) {
      said.push(chunk as Buffer);
      response.write(chunk);
    }
    response.end();
    // What the daemon itself says to the registry is its own business.
    if (message.headers["user-agent"]?.startsWith("docker/")) return;
    const version = answer.headers["api-version"];
    const told = toldHeaders.flatMap((name) => {
      const value = answer.headers[name];
      return typeof value === "string" ? [[name, value]] : [];
    });
    this.exchanges.push({
      method: message.method ?? "",
      path: pathOf(message),
      body: parsed(body, message.headers["content-type"]),
      status: answer.statusCode ?? 500,
      ...answerOf(Buffer.concat(said)),
      ...(pathOf(message) === "/_ping" && version ? { headers: { "api-version": String(version) } } : {}),
      ...(told.length > 0 ? { headers: Object.fromEntries(told) as Record<string, string> } : {}),
    });
  }
}

/** A daemon that answers as one did before; what was not asked then is an error. */
export class ReplayedDaemon extends Listening {
  private exchanges: Exchange[] = [];
  private readonly last = new Map<string, Exchange>();
  /** Requests for which there is no answer, or whose bodies were others then. */
  readonly problems: string[] = [];

  constructor(socket: Address) {
    super(socket);
    this.server.on("upgrade", (_message, client) => {
      client.write("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n");
      client.on("error", () => undefined);
    });
  }

  play(exchanges: readonly Exchange[]): void {
    this.exchanges = [...exchanges];
    this.last.clear();
    this.problems.length = 0;
  }

  protected async serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = parsed(await bodyOf(message), message.headers["content-type"]);
    const key = `${message.method} ${pathOf(message)}`;
    const index = this.exchanges.findIndex(({ method, path }) => `${method} ${path}` === key);
    const [taken] = index < 0 ? [] : this.exchanges.splice(index, 1);
    const exchange = taken ?? this.last.get(key);
    if (!exchange) {
      this.problems.push(`not asked before: ${key}`);
      response.writeHead(501).end(JSON.stringify({ message: `not recorded: ${key}` }));
      return;
    }
    this.last.set(key, exchange);
    if (!isDeepStrictEqual(asJson(body), asJson(exchange.body))) {
      this.problems.push(`${key}: ${JSON.stringify(body)}, was ${JSON.stringify(exchange.body)}`);
    }
    const { answer, encoding, status, headers } = exchange;
    response.writeHead(status, { "content-type": "application/json", ...headers });
    if (answer === undefined) response.end();
    else if (encoding === undefined) response.end(JSON.stringify(answer));
    else response.end(Buffer.from(String(answer), encoding === "text" ? "utf8" : "base64"));
  }
}
