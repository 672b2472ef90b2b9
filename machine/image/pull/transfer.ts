import type { Progress } from "../../progress";

const mebibyte = 1024 ** 2;
const interval = 5000;

const mib = (bytes: number): string => (bytes / mebibyte).toFixed(bytes < 10 * mebibyte ? 1 : 0);

/** `120 of 330 MiB (36 %), 12.3 MiB/s`; the rate is that of the last seconds. */
export function transferText(done: number, size: number | undefined, bytesPerSecond: number): string {
  const share =
    size === undefined || size === 0 ? "" : ` of ${mib(size)} MiB (${Math.floor((100 * done) / size)} %)`;
  return `${mib(done)}${share || " MiB"}, ${(bytesPerSecond / mebibyte).toFixed(1)} MiB/s`;
}

/** Tells the progress of a transfer every five seconds; call the function it returns after each piece. */
export function tellTransfer(
  progress: Progress,
  start: number,
  size: number | undefined,
): (done: number) => void {
  let last = { at: Date.now(), done: start };
  return (done) => {
    const now = Date.now();
    if (now - last.at < interval) return;
    progress(transferText(done, size, (1000 * (done - last.done)) / (now - last.at)));
    last = { at: now, done };
  };
}
