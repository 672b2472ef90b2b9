/**
 * The end of what a program prints: its last lines, up to a number of characters. Only whole lines, since who takes secrets out of the
 * text later does not find a part of one.
 */
export class LastLines {
  private kept = "";
  /** In a line that is too long. */
  private skipping = false;

  /** @param redact takes secrets out before anything is cut */
  constructor(
    private readonly most: number,
    private readonly redact: (text: string) => string = (text) => text,
  ) {}

  add(chunk: string): void {
    const start = this.skipping ? chunk.indexOf("\n") + 1 : 0;
    if (this.skipping && start === 0) return;
    this.skipping = false;
    const all = this.redact(this.kept + chunk.slice(start));
    const from = all.length - this.most;
    if (from <= 0 || all[from - 1] === "\n") {
      this.kept = all.slice(Math.max(from, 0));
      return;
    }
    const end = all.indexOf("\n", from) + 1;
    this.skipping = end === 0;
    this.kept = end === 0 ? "" : all.slice(end);
  }

  get text(): string {
    return this.kept.trim();
  }
}
