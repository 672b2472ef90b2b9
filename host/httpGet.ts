/**
 * GET over http and https, with redirects and the proxies of the environment. Node's fetch knows no proxies before Node 24, and
 * unpacks what a server compresses, after which a position in the file means nothing.
 */
import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { proxyFor } from "./proxy";
import { UserError } from "./userError";

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  /** To be read to its end or destroyed. */
  readonly body: IncomingMessage;
  /** Where the redirects ended. */
  readonly url: URL;
}

export interface HttpGetOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /**
   * `always`: nothing comes over plain http, unless it is from this computer. `kept`: what begins with https does not go on over plain http.
   * Default: as it comes, for what is checked otherwise.
   */
  readonly secure?: "always" | "kept";
}

const ofThisComputer = ({ hostname }: URL): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);

/** @throws UserError if what comes from there could be changed on the way, and must not be */
function checkSecure(url: URL, from: URL, secure: HttpGetOptions["secure"]): void {
  if (secure === undefined || url.protocol === "https:" || ofThisComputer(url)) return;
  if (secure === "kept" && from.protocol !== "https:") return;
  throw new UserError(
    `${from.origin}${from.pathname}: ${url === from ? "is" : "redirects to"} plain http${url === from ? "" : ` (${url.origin})`}`,
    "anybody on the way could change what comes",
    "give an address with https, or the checksum itself",
  );
}

const maxRedirects = 10;

const authorization = ({ username, password }: URL): Record<string, string> => {
  if (username === "") return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(text).toString("base64")}` };
};

const where = (proxy: URL): RequestOptions => ({ hostname: proxy.hostname, port: proxy.port || 80 });

/** A connection to the host of an https URL through a proxy. */
function tunnel(proxy: URL, url: URL, signal?: AbortSignal): Promise<Socket> {
  const target = `${url.hostname}:${url.port || 443}`;
  const headers = { host: target, ...authorization(proxy) };
  return new Promise((resolve, reject) => {
    httpRequest({ ...where(proxy), method: "CONNECT", path: target, headers, signal })
      .on("connect", (answer: IncomingMessage, socket: Socket) => {
        if (answer.statusCode === 200) return resolve(socket);
        socket.destroy();
        reject(new Error(`the proxy ${proxy.host} answers ${answer.statusCode} ${answer.statusMessage}`));
      })
      .on("error", reject)
      .end();
  });
}

async function once(url: URL, { headers, signal }: HttpGetOptions): Promise<IncomingMessage> {
  const proxy = proxyFor(url);
  const socket = proxy && url.protocol === "https:" ? await tunnel(proxy, url, signal) : undefined;
  return new Promise((resolve, reject) => {
    const options: RequestOptions = { headers: { "accept-encoding": "identity", ...headers }, signal };
    const request =
      url.protocol === "https:"
        ? httpsRequest(url, {
            ...options,
            ...(socket && { createConnection: () => tlsConnect({ socket, servername: url.hostname }) }),
          })
        : httpRequest(
            url,
            proxy === undefined
              ? options
              : {
                  ...options,
                  ...where(proxy),
                  path: url.href,
                  headers: { ...options.headers, host: url.host, ...authorization(proxy) },
                },
          );
    request.on("response", resolve).on("error", reject).end();
  });
}

/** The answer to a GET, whatever its status, once its head has come. Rejects if there is none. */
export async function httpGet(from: URL, options: HttpGetOptions = {}): Promise<HttpAnswer> {
  let url = from;
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    checkSecure(url, from, options.secure);
    const body = await once(url, options);
    const { statusCode: status = 0, headers } = body;
    if (![301, 302, 303, 307, 308].includes(status) || headers.location === undefined) {
      return { status, headers, body, url };
    }
    body.destroy();
    const next = new URL(headers.location, url);
    if (next.protocol !== "http:" && next.protocol !== "https:") {
      throw new Error(`redirected to ${next.protocol}//`);
    }
    url = next;
  }
  throw new Error(`more than ${maxRedirects} redirects`);
}
