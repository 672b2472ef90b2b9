/** Shows one operation for programs (`--json`): a plan when it is whole, what is done event by event. */
import type { EngineEvent } from "../../engine/events";
import type { View } from "./display";
import { JsonEvents } from "./jsonEvents";
import { PreviewDigest } from "./previewDigest";
import { RunState } from "./run";

export interface JsonOptions {
  readonly write: (text: string) => void;
  /** What is for people only. */
  readonly say: (note: string) => void;
  /** Of the stack, secrets as `[secret]`. */
  readonly config: Readonly<Record<string, string>>;
}

export class JsonView implements View {
  readonly state = new RunState();
  private readonly events: JsonEvents;
  private readonly plan: PreviewDigest;

  constructor(private readonly options: JsonOptions) {
    this.events = new JsonEvents(options.config);
    this.plan = new PreviewDigest(options.config);
  }

  readonly take = (event: EngineEvent): void => {
    this.state.take(event);
    if (this.state.preview) this.plan.take(event);
    else for (const line of this.events.lines(event)) this.options.write(line);
  };

  say(note: string): void {
    this.options.say(`${note}\n`);
  }

  end(): void {
    const { preview, summary } = this.state;
    if (preview && summary !== undefined)
      this.options.write(`${JSON.stringify(this.plan.json(), undefined, 4)}\n`);
  }
}
