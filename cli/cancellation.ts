/** Ctrl-C once cancels an operation, twice ends it; a closed terminal and `kill` cancel too. */
export interface Cancellation {
  readonly signal: AbortSignal;
  /** Signals do again what they did before. */
  end(): void;
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export function cancellation(tell: (note: string) => void): Cancellation {
  const controller = new AbortController();
  const onSignal = (): void => {
    // 128 + SIGINT, as shells report it. Children see their parent go and end.
    if (controller.signal.aborted) process.exit(130);
    tell("Cancelling: running steps are told to stop, no new ones start. Press Ctrl-C again to end at once.");
    controller.abort();
  };
  for (const signal of signals) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    end: () => {
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
