/** Progress for a person: a line each, also while nothing else is to be said. */
export type Progress = (line: string) => void;

const duration = (ms: number): string => {
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};

/** Says what is waited for, then again every five seconds for how long: `waiting for Docker (25 s)`. */
export async function waiting<T>(what: string, progress: Progress, action: Promise<T>): Promise<T> {
  const start = Date.now();
  progress(what);
  const timer = setInterval(() => progress(`${what} (${duration(Date.now() - start)})`), 5000);
  try {
    return await action;
  } finally {
    clearInterval(timer);
  }
}
