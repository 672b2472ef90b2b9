/** The process's own terminal: colours or not, redrawn or by lines. */
import pc from "picocolors";
import type { ColorChoice } from "./choices";
import type { LiveRegion, Screen } from "./display";

export function wantsColor(choice: ColorChoice, stream: NodeJS.WriteStream): boolean {
  if (choice === "always" || choice === "raw") return true;
  if (choice === "never" || process.env.NO_COLOR) return false;
  return stream.isTTY === true && process.env.TERM !== "dumb";
}

export interface ScreenOptions {
  readonly color: ColorChoice;
  /** False: lines only, even on a terminal (`--non-interactive`). */
  readonly interactive: boolean;
}

export async function processScreen(options: ScreenOptions): Promise<Screen> {
  const stream = process.stdout;
  return {
    write: (text) => void stream.write(text),
    colors: pc.createColors(wantsColor(options.color, stream)),
    live:
      options.interactive && stream.isTTY === true && process.env.TERM !== "dumb"
        ? await liveRegion(stream)
        : undefined,
  };
}

async function liveRegion(stream: NodeJS.WriteStream): Promise<LiveRegion> {
  const { createLogUpdate } = await import("log-update");
  const update = createLogUpdate(stream);
  return {
    // A terminal that does not tell its size (0) is taken for the usual one.
    size: () => ({ columns: stream.columns || 80, rows: stream.rows || 24 }),
    draw: (text) => update(text),
    clear: () => {
      update.clear();
      // Shows the cursor again; the next draw hides it.
      update.done();
    },
  };
}
