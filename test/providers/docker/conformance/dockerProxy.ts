import { rm } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { createConnection } from "node:net";
import type { Json } from "../../../../providers/docker/api";

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

abstract class Listening {
  protected server: Server;

  constructor(readonly socket: string) {
    this.server = createServer((message, response) => {
      this.serve(message, response).catch((error: Error) => {
        response.writeHead(500).end(JSON.stringify({ message: error.message }));
      });
    });
  }

  get host(): string {
    return `unix://${this.socket}`;
  }

  async listen(): Promise<this> {
    await rm(this.socket, { force: true });
    await new Promise<void>((resolve) => this.server.listen(this.socket, resolve));
    return this;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  protected abstract serve(message: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** Stands before a real daemon and writes down what is said. */
export class RecordingProxy extends Listening {
  private exchanges: Exchange[] = [];

  constructor(
    socket: string,
    private readonly daemon: string,
  ) {
    super(socket);
    this.server.on("upgrade", (message: IncomingMessage, client, head) => {
      const there = createConnection(daemon);
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
          socketPath: this.daemon,
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
    const version = answer.headers["api-version"];
    this.exchanges.push({
      method: message.method ?? "",
      path: pathOf(message),
      body: parsed(body, message.headers["content-type"]),
      status: answer.statusCode ?? 500,
      ...answerOf(Buffer.concat(said)),
      ...(pathOf(message) === "/_ping" && version ? { headers: { "api-version": String(version) } } : {}),
    });
  }
}

/** A daemon that answers as one did before; what was not asked then is an error. */
export class ReplayedDaemon extends Listening {
  private exchanges: Exchange[] = [];
  private readonly last = new Map<string, Exchange>();
  /** Requests for which there is no answer, or whose bodies were others then. */
  readonly problems: string[] = [];

  constructor(socket: string) {
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
    if (JSON.stringify(body) !== JSON.stringify(exchange.body)) {
      this.problems.push(`${key}: ${JSON.stringify(body)}, was ${JSON.stringify(exchange.body)}`);
    }
    const { answer, encoding, status, headers } = exchange;
    response.writeHead(status, { "content-type": "application/json", ...headers });
    if (answer === undefined) response.end();
    else if (encoding === undefined) response.end(JSON.stringify(answer));
    else response.end(Buffer.from(String(answer), encoding === "text" ? "utf8" : "base64"));
  }
}
