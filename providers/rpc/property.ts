/**
 * Descriptions of resource properties: one source for the schema that `GetSchema` returns, for checking inputs
 * and for telling what changed.
 */

export interface Property {
  readonly type:
    | "string"
    | "integer"
    | "number"
    | "boolean"
    | "any"
    | "asset"
    | "list"
    | "set"
    | "map"
    | "object";
  /** Of lists, sets and maps. */
  readonly items?: Property;
  /** Of objects. */
  readonly properties?: Properties;
  /** Of objects: name of the type in the schema. */
  readonly typeName?: string;
  readonly required?: boolean;
  /** Always marked as a secret in inputs and outputs. */
  readonly secret?: boolean;
  /** A change makes a new resource. */
  readonly replaces?: boolean;
  /** What an absent value means; written into the inputs by Check. */
  readonly default?: string | number | boolean;
  /** What an absent value means, without being written into the inputs. */
  readonly implied?: string | number | boolean;
  readonly oneOf?: readonly string[];
  readonly minimum?: number;
  /** `duration`: Go's notation, `1m30s`. `ratio`: a number from 0 to 1 as text. */
  readonly format?: "duration" | "ratio" | "base64" | "absolutePath";
  readonly pattern?: RegExp;
  /** Made from the resource's name when absent. */
  readonly autoname?: boolean;
  /** What is there when the program says nothing is no difference: others (the daemon, a person) may set it. */
  readonly computed?: boolean;
  /** Computed: not an input. */
  readonly output?: boolean;
}

export type Properties = { readonly [name: string]: Property };

type Extra = Omit<Property, "type" | "items" | "properties" | "typeName">;

export const string = (extra: Extra = {}): Property => ({ type: "string", ...extra });
export const integer = (extra: Extra = {}): Property => ({ type: "integer", ...extra });
export const number = (extra: Extra = {}): Property => ({ type: "number", ...extra });
export const boolean = (extra: Extra = {}): Property => ({ type: "boolean", ...extra });
export const any = (extra: Extra = {}): Property => ({ type: "any", ...extra });
/** An asset or an archive. */
export const asset = (extra: Extra = {}): Property => ({ type: "asset", ...extra });
export const list = (items: Property, extra: Extra = {}): Property => ({ type: "list", items, ...extra });
/** A list in which the order means nothing. */
export const set = (items: Property, extra: Extra = {}): Property => ({ type: "set", items, ...extra });
export const map = (items: Property, extra: Extra = {}): Property => ({ type: "map", items, ...extra });
export const object = (typeName: string, properties: Properties, extra: Extra = {}): Property => ({
  type: "object",
  typeName,
  properties,
  ...extra,
});

const plainKey = /^[A-Za-z_$][\w$]*$/;

/** Path of a property as Pulumi writes it: `taskSpec.networks[0].id`, `env["a.b"]`. */
export function child(path: string, key: string | number): string {
  if (typeof key === "number") return `${path}[${key}]`;
  if (!plainKey.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}
