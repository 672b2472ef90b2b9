import { fetchOnce, until } from "../e2e/http";

export interface Lost {
  /** Seconds after the load began. */
  readonly at: number;
  readonly url: string;
  readonly why: string;
}

export interface Counted {
  readonly sent: number;
  readonly lost: readonly Lost[];
  /** Milliseconds. */
  readonly slowest: number;
  readonly seconds: number;
}

/** How long an answer may take. */
const answerMs = 30_000;

/**
 * Steady requests from this machine to loopback addresses, each on a connection of its own, one after the other around the
 * addresses. At most 20 a second.
 */
export class Load {
  private readonly began = Date.now();
  private readonly open = new Set<Promise<void>>();
  private readonly lost: Lost[] = [];
  private sent = 0;
  private slowest = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly urls: readonly string[],
    perSecond: number,
  ) {
    const foreign = urls.find((url) => !/^http:\/\/127\.\d+\.\d+\.\d+:/.test(url));
    if (urls.length === 0 || foreign !== undefined || perSecond > 20)
      throw new Error(`a load is for loopback addresses, 20 a second at most: ${foreign ?? perSecond}`);
    this.timer = setInterval(() => this.send(), 1000 / perSecond);
  }

  private get elapsed(): number {
    return (Date.now() - this.began) / 1000;
  }

  private send(): void {
    const url = this.urls[this.sent % this.urls.length] as string;
    this.sent++;
    const start = Date.now();
    const at = this.elapsed;
    const one: Promise<void> = fetchOnce(url, answerMs)
      .then(({ status }) => {
        if (status !== 200) this.lost.push({ at, url, why: `status ${status}` });
        this.slowest = Math.max(this.slowest, Date.now() - start);
      })
      .catch((error: Error) => void this.lost.push({ at, url, why: error.message }))
      .finally(() => this.open.delete(one));
    this.open.add(one);
  }

  /** Waits for the last answers, prints what was counted, and returns it. */
  async end(what: string): Promise<Counted> {
    clearInterval(this.timer);
    const seconds = this.elapsed;
    await Promise.all(this.open);
    const { sent, lost, slowest } = this;
    process.stdout.write(
      `${what}: ${sent} requests in ${seconds.toFixed(0)} s, ${lost.length} lost, slowest answer ${slowest} ms\n`,
    );
    for (const { at, url, why } of lost)
      process.stdout.write(`  lost at ${at.toFixed(1)} s: ${url} ${why}\n`);
    return { sent, lost, slowest, seconds };
  }
}

/** Waits until each address answers ten times on end: the mesh of a node that has just come is made in steps. */
export async function steady(urls: readonly string[]): Promise<void> {
  for (const url of urls)
    await until(`${url} answers`, 240, async () => {
      for (let time = 0; time < 10; time++) await fetchOnce(url, answerMs);
      return true;
    });
}
