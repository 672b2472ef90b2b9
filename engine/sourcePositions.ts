/** Where in the program a resource is registered. Specified by sourcePositions in pkg/resource/deploy/source_eval.go. */
import type { SourcePosition, StackTrace } from "@pulumi/pulumi/proto/source_pb";

export interface Source {
  readonly sourcePosition: string;
  readonly stackTrace: readonly { readonly sourcePosition?: string }[];
}

/** `project:///file#line,column` for files below `root`; nothing for others, which differ between machines. */
export function sourceOf(
  root: string,
  position: SourcePosition | undefined,
  trace: StackTrace | undefined,
): Source {
  const prefix = `file://${root.replace(/\/$/, "")}/`;
  const text = (at: SourcePosition | undefined): string => {
    const uri = at?.getUri() ?? "";
    if (at === undefined || !uri.startsWith(prefix)) return "";
    const column = at.getColumn() > 0 ? `,${at.getColumn()}` : "";
    return `project:///${uri.slice(prefix.length)}#${at.getLine()}${column}`;
  };
  return {
    sourcePosition: text(position),
    stackTrace: (trace?.getFramesList() ?? []).map((frame) => {
      const at = text(frame.getPc());
      return at === "" ? {} : { sourcePosition: at };
    }),
  };
}
