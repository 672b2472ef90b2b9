/** Secrets are not written: variables stand for them. */

import { imageLabel } from "../../components/compose/plan";
import { VariableReference } from "../../components/compose/write";
import { namespaceLabel } from "../../host/contentName";
import { fieldsLabel } from "../../host/fieldsLabel";
import { fields, Hidden, items, text, type Value } from "./stateValues";

/** A list of labels that holds a secret is one as a whole; these are none. */
const open = new Set([namespaceLabel, imageLabel, fieldsLabel]);

/** Values of one part of the file as they are written to it. */
export class Opened {
  /** Names of its variables. */
  readonly variables: string[] = [];

  /**
   * @param owner what the part is called; names of variables start with it
   * @param all texts that the file's variables stand for, by name
   */
  constructor(
    private readonly owner: string,
    private readonly all: Map<string, string>,
  ) {}

  /** @param short name of the variable, if none of another text has it */
  text(value: Value, what: string, short?: string): string {
    if (!(value instanceof Hidden)) return text(value) ?? String(value);
    const isFree = (name: string): boolean => (this.all.get(name) ?? value.text) === value.text;
    const long = `${this.owner}_${what}`;
    let name = legal(short !== undefined && isFree(legal(short)) ? short : long);
    for (let number = 2; !isFree(name); number++) name = legal(`${long}_${number}`);
    this.all.set(name, value.text);
    if (!this.variables.includes(name)) this.variables.push(name);
    return new VariableReference(`\${${name}:?}`) as unknown as string;
  }

  list(value: Value | undefined, what: string): string[] {
    return items(value).map((item, index) => this.text(item, `${what}_${index}`));
  }

  /** Undefined if there is nothing in it. Without `what` a variable is called as the key. */
  map(value: Value | undefined, what?: string): Record<string, string> | undefined {
    const entries = Object.entries(fields(value)).map(([key, one]) => {
      const opened = what === undefined ? this.text(one, key, key) : this.text(one, `${what}_${key}`);
      return [key, opened] as const;
    });
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  }

  labels(list: Value | undefined, what = "label"): Record<string, string> {
    return Object.fromEntries(
      items(list).map((one) => {
        const { label, value = "" } = fields(one);
        const name = text(label) ?? "";
        return [name, open.has(name) ? (text(value) ?? "") : this.text(value, `${what}_${name}`)];
      }),
    );
  }
}

const legal = (name: string): string => name.replace(/[^A-Za-z0-9_]/g, "_").replace(/^(?=\d)/, "_");
