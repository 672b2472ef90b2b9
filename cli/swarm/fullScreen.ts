/** The whole terminal, redrawn in one write without being cleared first, so that nothing flickers. */
import { untilInterrupted } from "./interrupt";

const csi = "\u001b[";
/** The terminal's other screen, so that what was there before comes back; no cursor. */
const enter = `${csi}?1049h${csi}?25l`;
const leave = `${csi}?25h${csi}?1049l`;

/** One frame: each line is cleared to its end as it is written, and what is below it at last. Of too many lines the last one is shown. */
export function frame(lines: readonly string[], rows: number): string {
  const fit = Math.max(0, rows - 2);
  const shown =
    lines.length <= rows
      ? lines
      : [...lines.slice(0, fit), `… ${lines.length - fit - 1} more lines`, ...lines.slice(-1)];
  return `${csi}H${shown.map((line) => `${line}${csi}K`).join("\r\n")}${csi}J`;
}

export interface Terminal {
  draw(lines: readonly string[]): void;
}

/** Runs an action that draws until `q` or Ctrl-C is pressed; then the terminal is as it was. */
export async function onFullScreen<T>(
  action: (terminal: Terminal, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { stdin, stdout } = process;
  return untilInterrupted(async (interrupted) => {
    const stop = new AbortController();
    const end = (): void => stop.abort();
    interrupted.addEventListener("abort", end, { once: true });
    // In raw mode Ctrl-C is a character.
    const key = (typed: Buffer): void => {
      if (["q", "Q", "\u0003"].includes(typed.toString())) end();
    };
    const raw = stdin.isTTY === true;
    let last: readonly string[] = [];
    // Lines longer than the terminal is wide would take two rows: they are cut by it instead.
    const noWrap = `${csi}?7l`;
    const wrap = `${csi}?7h`;
    const draw = (lines: readonly string[]): void => {
      last = lines;
      stdout.write(frame(lines, stdout.rows || 24));
    };
    const redraw = (): void => draw(last);
    stdout.write(enter + noWrap);
    stdout.on("resize", redraw);
    if (raw) {
      stdin.setRawMode(true);
      stdin.on("data", key);
      stdin.resume();
    }
    try {
      return await action({ draw }, stop.signal);
    } finally {
      if (raw) {
        stdin.off("data", key);
        stdin.setRawMode(false);
        stdin.pause();
      }
      stdout.off("resize", redraw);
      stdout.write(wrap + leave);
    }
  });
}
