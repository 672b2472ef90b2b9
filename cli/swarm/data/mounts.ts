/** Which mounts of a service hold data that it keeps. */

/** A volume with a name, or a folder of the node, that a service may write to. */
export interface DataMount {
  readonly type: "bind" | "volume";
  /** Path on the node, or name of the volume. */
  readonly source: string;
  /** Path in the containers. */
  readonly target: string;
}

/** A mount as the Docker API or a state tells it. */
export interface AnyMount {
  readonly type?: string;
  readonly source?: string;
  readonly target?: string;
  readonly readOnly?: boolean;
}

/** The system's own, not a service's. */
const systems = ["/dev", "/proc", "/run", "/sys", "/var/run"];

function isData({ type, source = "", target = "", readOnly }: AnyMount): boolean {
  if (readOnly === true || source === "" || target === "") return false;
  if (type === "volume") return true;
  const own = systems.some((folder) => source === folder || source.startsWith(`${folder}/`));
  return type === "bind" && !own && source !== "/" && !source.endsWith(".sock");
}

/** Not read-only ones, memory, volumes without a name (they go with their task), sockets and the system's folders. */
export function dataMounts(mounts: readonly AnyMount[]): DataMount[] {
  return mounts.filter(isData).map(({ type, source, target }) => ({ type, source, target }) as DataMount);
}
