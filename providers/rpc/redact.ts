import { isPropertyMap, OutputValue, type PropertyMap, type PropertyValue, Secret } from "./values";

/** Shorter ones would take away ordinary words, and are no secret that text could give away. */
const shortestSecret = 4;

/** The texts of the secrets among inputs, and their lines; the longest first, as one may hold another. */
export function secretTexts(...maps: readonly PropertyMap[]): readonly string[] {
  const secrets = new Set<string>();
  function collect(value: PropertyValue, secret: boolean): void {
    if (value instanceof Secret) collect(value.value, true);
    else if (value instanceof OutputValue) {
      if (value.value !== undefined) collect(value.value, secret || value.secret);
    } else if (Array.isArray(value)) for (const item of value) collect(item, secret);
    else if (isPropertyMap(value)) for (const item of Object.values(value)) collect(item, secret);
    else if (secret && typeof value === "string") {
      for (const text of [value, value.trim(), ...value.split(/\r?\n/)]) {
        if (text.length >= shortestSecret) secrets.add(text);
      }
    }
  }
  for (const map of maps) collect(map, false);
  return [...secrets].sort((a, b) => b.length - a.length);
}

/**
 * Takes the secrets among inputs out of texts that people see (errors, logs). Programs like to repeat in their output
 * what they were given.
 */
export function redactor(...maps: readonly PropertyMap[]): (text: string) => string {
  const texts = secretTexts(...maps);
  return (text) => texts.reduce((result, secret) => result.replaceAll(secret, "[secret]"), text);
}
