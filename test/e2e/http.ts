import { get } from "node:http";

/** One GET on a connection of its own, so that the routing mesh chooses a task anew. */
export function fetchOnce(url: string, timeoutMs = 20_000): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: timeoutMs }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", reject);
    });
    request.on("timeout", () => request.destroy(new Error(`${url}: no answer within ${timeoutMs} ms`)));
    request.on("error", reject);
  });
}

/** Tries again until the answer is wanted; fails with the last thing seen. */
export async function until<T>(
  what: string,
  seconds: number,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  let last: unknown = "nothing";
  for (;;) {
    try {
      const seen = await look();
      if (seen !== undefined) return seen;
      last = "not yet";
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s; last: ${String(last)}`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** What a page of the visitor counter says. */
export function visit(body: string): { hostname: string; visits: number } {
  const text = body.replace(/<[^>]*>/g, " ");
  const hostname = /Hostname:\s*([0-9a-f]{12})/.exec(text)?.[1];
  const visits = /Visits:\s*(\d+)/.exec(text)?.[1];
  if (hostname === undefined || visits === undefined)
    throw new Error(`not a page of the visitor counter: ${text}`);
  return { hostname, visits: Number(visits) };
}
