/**
 * After an `up`: waits until the addresses that it prints answer. A task counts as running when its program has been started,
 * and an emulated machine takes the better part of a minute from there to the first answer.
 */
import { request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

/** Web addresses of this host's machines in the output `urls`; other hosts' may be meant for somebody else. */
export function localAddresses(outputs: Readonly<Record<string, unknown>>): string[] {
  const { urls } = outputs;
  if (urls === null || typeof urls !== "object") return [];
  return Object.values(urls)
    .flat()
    .filter((url): url is string => typeof url === "string" && /^http:\/\/127\.\d+\.\d+\.\d+[:/]/.test(url));
}

/**
 * Whether anything speaks HTTP there. With OPTIONS, so that no page counts a visit. A machine's ports are accepted by what
 * forwards them; where they are refused there is no machine, and nothing to wait for.
 */
function answers(url: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(url, { method: "OPTIONS", agent: false, timeout: timeoutMs }, (response) => {
      response.resume();
      resolve(true);
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
    asked.end();
  });
}

export interface WaitOptions {
  /** Told what is waited for when it does not answer at once. */
  readonly say: (line: string) => void;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Resolves to the addresses that have not answered in time. */
export async function waitForAnswers(urls: readonly string[], options: WaitOptions): Promise<string[]> {
  const end = Date.now() + options.timeoutMs;
  let told = false;
  const silent = await Promise.all(
    urls.map(async (url) => {
      while (!(await answers(url, 10_000))) {
        if (Date.now() > end || options.signal.aborted) return [url];
        if (!told) options.say(`Waiting for ${url} to answer`);
        told = true;
        await delay(1000, undefined, { signal: options.signal }).catch(() => undefined);
      }
      return [];
    }),
  );
  return silent.flat();
}
