/**
 * Keeps secrets out of what people and logs see: texts of secret values are replaced by `[secret]` in messages of the
 * program, of providers and of the engine. Pulumi does it for configuration (logging.AddGlobalFilter), also within the
 * property values that it shows; in messages it is done here for every secret that passes through, as the SDK's own debug
 * messages hold them in plain text.
 */
import type { EngineEvent, ShownStates, StepInfo } from "./events";
import { isList, isMap, Secret, type Value } from "./values";

/** Shorter texts are found everywhere: hiding them would hide half of each message and tell what they are. */
const shortest = 4;
const shortestOfConfiguration = 3;
/** Lines of long secrets, as keys are: parts of them are shown by programs that fail. */
const shortestLine = 16;
const shortestInside = 20;
const tellingName = /pass|token|secret|key|credential/i;

export class Redactor {
  private readonly texts = new Texts();
  /** Secrets of the configuration: hidden in property values too, where a program may have put them as plain text. */
  private readonly configured = new Texts();

  /** Remembers the secrets in `value`. */
  learn(value: Value): void {
    if (value instanceof Secret) this.collect(value.element, true);
    else if (isList(value)) for (const element of value) this.learn(element);
    else if (isMap(value))
      // Pulumi's native plugins keep all inputs there as one secret; those that are secret are known from the inputs themselves.
      for (const [key, element] of Object.entries(value)) if (key !== "__inputs") this.learn(element);
  }

  learnText(text: string, least = shortest): void {
    this.texts.add(text, least);
    for (const line of text.split("\n")) if (line.length >= shortestLine) this.texts.add(line, least);
  }

  learnConfiguration(texts: Iterable<string>): void {
    for (const text of texts) {
      this.learnText(text, shortestOfConfiguration);
      this.configured.add(text, shortestOfConfiguration);
    }
  }

  /**
   * A connection is secret as a whole, and with it the name of its host, which errors must be able to name. So of what is
   * inside a secret object only long texts are hidden, and those whose name says what they are.
   */
  private collect(value: Value, telling: boolean): void {
    if (value instanceof Secret) this.collect(value.element, true);
    else if (typeof value === "string") {
      if (telling || value.length >= shortestInside) this.learnText(value);
    } else if (isList(value)) for (const element of value) this.collect(element, telling);
    else if (isMap(value))
      for (const [key, element] of Object.entries(value)) this.collect(element, tellingName.test(key));
  }

  text(message: string): string {
    return this.texts.hiddenIn(message);
  }

  event(event: EngineEvent): EngineEvent {
    switch (event.kind) {
      case "diagnostic":
      case "resource-status":
        return { ...event, message: this.text(event.message) };
      case "resource-failed":
        return { ...event, step: this.step(event.step), message: this.text(event.message) };
      case "program-output":
        return { ...event, line: this.text(event.line) };
      case "resource-pre":
        return { ...event, step: this.step(event.step), ...this.states(event) };
      case "resource-done":
        return {
          ...event,
          step: this.step(event.step),
          made: this.values(event.made),
          ...this.states(event),
        };
      case "component-outputs":
        return { ...event, outputs: this.values(event.outputs) };
      case "summary":
        return {
          ...event,
          outputs: this.values(event.outputs),
          previousOutputs: this.values(event.previousOutputs),
        };
      default:
        return event;
    }
  }

  private states({ states }: { readonly states?: () => ShownStates }): {
    readonly states?: () => ShownStates;
  } {
    return states === undefined || this.configured.empty ? {} : { states: () => this.values(states()) };
  }

  private step(step: StepInfo): StepInfo {
    if (this.configured.empty) return step;
    const { oldInputs, oldOutputs, newInputs } = step;
    return {
      ...step,
      oldInputs: this.values(oldInputs),
      oldOutputs: this.values(oldOutputs),
      newInputs: this.values(newInputs),
    };
  }

  private values<T>(value: T): T {
    return this.configured.empty ? value : (this.hidden(value) as T);
  }

  private hidden(value: unknown): unknown {
    if (typeof value === "string") return this.configured.hiddenIn(value);
    if (Array.isArray(value)) return value.map((element) => this.hidden(element));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.hidden(inner)]));
  }
}

/** Texts to hide, as they are and as JSON has them. */
class Texts {
  private readonly all = new Set<string>();
  private pattern: RegExp | undefined;

  get empty(): boolean {
    return this.all.size === 0;
  }

  add(text: string, least: number): void {
    if (text.trim().length < least || /^(true|false)$/i.test(text)) return;
    for (const form of [text, JSON.stringify(text).slice(1, -1)])
      if (!this.all.has(form)) {
        this.all.add(form);
        this.pattern = undefined;
      }
  }

  hiddenIn(message: string): string {
    if (this.empty) return message;
    // The longest first: one secret may hold another.
    this.pattern ??= new RegExp(
      [...this.all]
        .sort((a, b) => b.length - a.length)
        .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
        .join("|"),
      "g",
    );
    return message.replace(this.pattern, "[secret]");
  }
}
