/**
 * Keeps secrets out of what people and logs see: texts of secret values are replaced by `[secret]` in messages of the
 * program, of providers and of the engine. Pulumi does it for configuration (logging.AddGlobalFilter); here it is done
 * for every secret that passes through, as the SDK's own debug messages hold them in plain text.
 */
import type { EngineEvent } from "./events";
import { isList, isMap, Secret, type Value } from "./values";

/** Shorter texts are found everywhere: hiding them would hide half of each message and tell what they are. */
const shortest = 4;
/** Lines of long secrets, as keys are: parts of them are shown by programs that fail. */
const shortestLine = 16;
const shortestInside = 20;
const tellingName = /pass|token|secret|key|credential/i;

export class Redactor {
  private readonly texts = new Set<string>();
  private pattern: RegExp | undefined;

  /** Remembers the secrets in `value`. */
  learn(value: Value): void {
    if (value instanceof Secret) this.collect(value.element, true);
    else if (isList(value)) for (const element of value) this.learn(element);
    else if (isMap(value))
      // Pulumi's native plugins keep all inputs there as one secret; those that are secret are known from the inputs themselves.
      for (const [key, element] of Object.entries(value)) if (key !== "__inputs") this.learn(element);
  }

  learnText(text: string): void {
    this.add(text);
    for (const line of text.split("\n")) if (line.length >= shortestLine) this.add(line);
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

  private add(text: string): void {
    if (text.trim().length < shortest || text === "true" || text === "false") return;
    for (const form of [text, JSON.stringify(text).slice(1, -1)])
      if (!this.texts.has(form)) {
        this.texts.add(form);
        this.pattern = undefined;
      }
  }

  text(message: string): string {
    if (this.texts.size === 0) return message;
    // The longest first: one secret may hold another.
    this.pattern ??= new RegExp(
      [...this.texts]
        .sort((a, b) => b.length - a.length)
        .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
        .join("|"),
      "g",
    );
    return message.replace(this.pattern, "[secret]");
  }

  event(event: EngineEvent): EngineEvent {
    switch (event.kind) {
      case "diagnostic":
      case "resource-status":
      case "resource-failed":
        return { ...event, message: this.text(event.message) };
      case "program-output":
        return { ...event, line: this.text(event.line) };
      default:
        return event;
    }
  }
}
