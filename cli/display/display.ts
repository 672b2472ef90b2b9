/** Shows one operation while it runs and reports when it has ended: live on a terminal, by lines elsewhere. */
import type { Colors } from "picocolors/types";
import type { EngineEvent } from "../../engine/events";
import { terminalText } from "../../host/terminalText";
import { diffLines } from "./diff";
import { PlainProgress } from "./plain";
import { reportLines } from "./report";
import { RunState } from "./run";
import { treeLines } from "./tree";

/** Where and how to show; taken from the process by {@link screenOf}, or made up by tests. */
export interface Screen {
  readonly write: (text: string) => void;
  readonly colors: Colors;
  /** Present on a terminal that can be redrawn. */
  readonly live: LiveRegion | undefined;
}

/** The lines at the bottom of the terminal that are redrawn in place. */
export interface LiveRegion {
  size(): { readonly columns: number; readonly rows: number };
  draw(text: string): void;
  clear(): void;
}

export interface DisplayOptions {
  readonly screen: Screen;
  /** "Previewing update", "Updating", "Destroying": the heading, before ` (stack):`. */
  readonly heading: string;
  /** Outputs in the report. */
  readonly outputs: boolean;
  /** Properties of each change instead of the tree. */
  readonly diff?: boolean;
}

/** What shows an operation, to people or to programs. */
export interface View {
  readonly state: RunState;
  /** The engine's `onEvent`. */
  readonly take: (event: EngineEvent) => void;
  /** Says something about the whole run that stays in sight, such as that it is being cancelled. */
  say(note: string): void;
  /**
   * Prints the result.
   * @param current what was previewed is already so
   */
  end(current?: boolean): void;
}

export class Display implements View {
  readonly state = new RunState();
  private readonly plain: PlainProgress;
  private timer: NodeJS.Timeout | undefined;
  private drawDue: NodeJS.Timeout | undefined;
  private note = "";
  private headed = false;

  constructor(private readonly options: DisplayOptions) {
    this.plain = new PlainProgress(this.state, (line) => this.line(line), options.screen.colors);
  }

  readonly take = (event: EngineEvent): void => {
    this.state.take(event);
    if (event.kind === "prelude") this.begin();
    const { live } = this.options.screen;
    if (!live) {
      if (this.options.diff !== true || event.kind !== "resource-done") this.plain.show(event);
    } else if (event.kind === "program-output") {
      live.clear();
      this.line(event.line);
      this.draw();
    } else this.drawSoon();
  };

  say(note: string): void {
    this.note = note;
    if (this.options.screen.live) this.draw();
    else this.line(note);
  }

  /** Takes the live lines away too. */
  end(current = false): void {
    clearInterval(this.timer);
    clearTimeout(this.drawDue);
    // An error before anything began is told by who called.
    if (!this.headed) return;
    const { screen, diff } = this.options;
    const fit = {
      width: screen.live?.size().columns ?? 120,
      height: undefined,
      now: Date.now(),
      colors: screen.colors,
    };
    screen.live?.clear();
    if (diff) this.lines(diffLines(this.state.steps, screen.colors));
    else if (screen.live && this.state.rows.size > 0) this.lines(treeLines(this.state, fit));
    const report = reportLines(this.state, {
      colors: screen.colors,
      outputs: this.options.outputs,
      current: current || !this.state.preview,
    });
    if (report.length > 0) this.lines(["", ...report]);
    this.line("");
  }

  private begin(): void {
    if (this.headed) return;
    this.headed = true;
    const { colors, live } = this.options.screen;
    this.line(colors.bold(colors.magenta(`${this.options.heading} (${this.state.stack}):`)));
    this.timer = live ? setInterval(() => this.draw(), 1000) : setInterval(() => this.plain.tick(), 1000);
    this.timer.unref();
  }

  /** Events come in bursts: they are drawn together. */
  private drawSoon(): void {
    this.drawDue ??= setTimeout(() => this.draw(), 40);
  }

  private draw(): void {
    clearTimeout(this.drawDue);
    this.drawDue = undefined;
    const { live, colors } = this.options.screen;
    if (!live) return;
    const { columns, rows } = live.size();
    const noteLines = this.note === "" ? 0 : 1;
    const fit = { width: columns, height: Math.max(4, rows - noteLines), now: Date.now(), colors };
    const lines = treeLines(this.state, fit);
    if (noteLines > 0) lines.push(colors.yellow(this.note));
    live.draw(lines.map((text) => terminalText(text)).join("\n"));
  }

  private line(text: string): void {
    this.lines([text]);
  }

  private lines(texts: readonly string[]): void {
    const { colors, write } = this.options.screen;
    for (const text of texts) {
      // Programs colour their own lines; a pipe gets none of it.
      write(`${terminalText(text, colors.isColorSupported)}\n`);
    }
  }
}
