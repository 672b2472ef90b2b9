/** Where something stands in the compose files, for messages. */
import { relative, sep } from "node:path";
import { UserError } from "../../host/userError";

/** A compose file, or text given in its place. */
export interface Source {
  /** Path as messages show it. */
  readonly name: string;
  /** Folder that relative paths in it start from. */
  readonly folder: string;
}

export interface Place {
  readonly source: Source;
  readonly line: number;
}

/** Something that is left out or done otherwise than the file says. */
export interface Warning {
  readonly place: Place;
  readonly text: string;
}

export const at = ({ source, line }: Place): string => `${source.name}:${line}`;

/** What is said of a variable without a value. */
export const unsetVariable = (place: Place, name: string): Warning => ({
  place,
  text: `the variable ${name} is not set: it is taken as empty`,
});

export const warningText = ({ place, text }: Warning): string => `${at(place)}: ${text}`;

/** An error in the file, for its writer: `compose.yml:12: services.web.ports: …`. */
export const wrong = (place: Place, text: string): UserError => new UserError(`${at(place)}: ${text}`);

/** A path as messages show it: from the current folder if it is in there. */
export function shownPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short === "" || short.startsWith(`..${sep}`) || short === ".." ? path : short;
}
