import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Request {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** A real HTTP server on loopback for one file, which can be told to fail as servers do. */
export class FileServer {
  /** What was asked, in order. */
  readonly requests: Request[] = [];
  content: Buffer = Buffer.alloc(0);
  /** Undefined: sends none. */
  etag: string | undefined = '"one"';
  lastModified: string | undefined;
  /** Whether it knows Range. */
  ranges = true;
  /** Statuses of the next answers, before any other. */
  readonly statuses: number[] = [];
  /** How many bytes the next answers send before the connection is cut. */
  readonly cuts: number[] = [];
  /** Like a cut, but it falls silent instead. */
  readonly stalls: number[] = [];
  /** `/from` → `/to`: redirects. */
  readonly redirects = new Map<string, string>();
  /** Milliseconds between pieces of 64 KiB. */
  pause = 0;
  private readonly server = createServer((request, response) => void this.answer(request, response));

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  url(path = "/disk.qcow2"): URL {
    return new URL(path, `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
  }

  /** First byte that is asked for under conditions that hold. */
  private startOf({ headers }: IncomingMessage): number {
    const [, start] = /^bytes=(\d+)-$/.exec(headers.range ?? "") ?? [];
    const condition = headers["if-range"];
    const same = condition === undefined || condition === (this.etag ?? this.lastModified);
    return this.ranges && same && start !== undefined ? Number(start) : 0;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A proxy is asked by the whole URL.
    const path = (request.url ?? "").replace(/^http:\/\/[^/]*/, "");
    this.requests.push({ path: request.url ?? "", headers: request.headers });
    const to = this.redirects.get(path);
    if (to !== undefined) return void response.writeHead(302, { location: to }).end();
    const status = this.statuses.shift();
    if (status !== undefined) return void response.writeHead(status).end();
    const start = this.startOf(request);
    if (start >= this.content.length && start > 0) {
      return void response.writeHead(416, { "content-range": `bytes */${this.content.length}` }).end();
    }
    const body = this.content.subarray(start);
    response.writeHead(start > 0 ? 206 : 200, {
      "content-length": body.length,
      ...(this.etag && { etag: this.etag }),
      ...(this.lastModified && { "last-modified": this.lastModified }),
      ...(start > 0 && {
        "content-range": `bytes ${start}-${this.content.length - 1}/${this.content.length}`,
      }),
    });
    const stall = this.stalls.shift();
    const cut = stall ?? this.cuts.shift();
    const sent = body.subarray(0, cut ?? body.length);
    for (let at = 0; at < sent.length; at += 65_536) {
      response.write(sent.subarray(at, at + 65_536));
      if (this.pause > 0) await new Promise((resolve) => setTimeout(resolve, this.pause));
    }
    if (stall !== undefined) return;
    if (cut === undefined) return void response.end();
    // What was written must have left before the connection goes.
    response.write("", () => setTimeout(() => response.destroy(), 20));
  }
}

/** A server for each test of a file. */
export function useFileServer(): () => FileServer {
  let server: FileServer;
  beforeEach(async () => {
    server = new FileServer();
    await server.start();
  });
  afterEach(() => server.stop());
  return () => server;
}
