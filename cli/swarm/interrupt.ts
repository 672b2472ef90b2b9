/** What runs until Ctrl-C, or until nobody reads any more. */
export async function untilInterrupted<T>(action: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, end);
  process.stdout.on("error", end);
  try {
    return await action(stop.signal);
  } finally {
    for (const signal of signals) process.off(signal, end);
    process.stdout.off("error", end);
  }
}
