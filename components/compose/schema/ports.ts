/** Ports: `80`, `8080:80`, `127.0.0.1:8080:80/udp`, ranges, and the long form. */
import { isIPv6 } from "node:net";
import { z } from "zod";
import { oneOf } from "../../service/checks";
import { anything, fields, text } from "./values";

const portNumber = z.number().int().min(1, "must be 1 to 65535").max(65535, "must be 1 to 65535");

const longPort = fields({
  target: z.preprocess(
    (value) => (typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value),
    portNumber,
  ),
  published: text.optional(),
  protocol: oneOf("tcp", "udp", "sctp").optional(),
  mode: oneOf("ingress", "host").optional(),
  host_ip: text.optional(),
  name: anything.optional(),
  app_protocol: anything.optional(),
});

export interface Port {
  readonly target: number;
  readonly published?: number;
  readonly protocol?: "tcp" | "udp" | "sctp";
  readonly mode?: "ingress" | "host";
  readonly hostIp?: string;
  /** Published ports of which Docker would take any one that is free; which one is not known before. */
  readonly range?: string;
  /** Index of the entry in the file that it comes from. */
  readonly entry: number;
}

export const ports = z.array(z.unknown()).transform((all, ctx): Port[] => {
  const found: Port[] = [];
  all.forEach((item, entry) => {
    const wrong = (message: string): void =>
      ctx.addIssue({ code: "custom", message, path: [entry], input: item });
    if (typeof item === "string" || typeof item === "number") {
      const short = shortPorts(String(item));
      if (typeof short === "string") wrong(short);
      else found.push(...short.map((port) => ({ ...port, entry })));
      return;
    }
    const long = longPort.safeParse(item, { reportInput: true });
    if (!long.success) {
      for (const issue of long.error.issues)
        ctx.addIssue({ ...issue, path: [entry, ...issue.path] } as never);
      return;
    }
    const { target, published, protocol, mode, host_ip: hostIp } = long.data;
    const range = published === undefined || published === "" ? undefined : rangeOf(published, 0);
    if (typeof range === "string")
      ctx.addIssue({ code: "custom", message: range, path: [entry, "published"], input: published });
    else
      found.push({
        target,
        ...(range && range[0] > 0 && { published: range[0] }),
        ...(range && range[0] !== range[1] && { range: published }),
        ...(protocol && { protocol }),
        ...(mode && { mode }),
        ...(hostIp && { hostIp }),
        entry,
      });
  });
  return found;
});

/** What a text says, or what is wrong with it. */
export function shortPorts(short: string): Omit<Port, "entry">[] | string {
  const match = /^(?:(\[[^\]]*\]|[^:/[\]]*):)?(?:([^:/]*):)?([^:/]+)(?:\/(\w+))?$/.exec(bracketed(short));
  if (!match) return 'must be of the form "published:target" or "target", with "/udp" where it is not tcp';
  // With one colon, what is before it is the published port.
  const [, first, second, targets = "", protocol] = match;
  const [hostIp, publishedText] = second === undefined ? [undefined, first] : [first, second];
  if (protocol !== undefined && !["tcp", "udp", "sctp"].includes(protocol.toLowerCase()))
    return `the protocol must be tcp, udp or sctp`;
  const target = rangeOf(targets, 1);
  const about = (range: string, wrong: string): string =>
    range === short ? wrong : `holds "${range}", which ${wrong}`;
  if (typeof target === "string") return about(targets, target);
  const published =
    publishedText === undefined || publishedText === "" ? undefined : rangeOf(publishedText, 0);
  if (typeof published === "string") return about(publishedText ?? "", published);
  const size = target[1] - target[0] + 1;
  // Of 0, and of none, the swarm chooses.
  const anyPort = published === undefined || published[1] === 0;
  const publishedSize = !anyPort ? published[1] - published[0] + 1 : size;
  if (publishedSize !== size && size !== 1) return "the ranges have different lengths";
  const shared = {
    protocol: (protocol?.toLowerCase() ?? "tcp") as "tcp",
    mode: "ingress" as const,
    ...(hostIp && { hostIp: hostIp.replace(/^\[|\]$/g, "") }),
  };
  return Array.from({ length: publishedSize }, (_, index) => ({
    target: target[0] + (size === 1 ? 0 : index),
    ...(!anyPort && { published: published[0] + index }),
    ...shared,
  }));
}

/** `docker stack` takes an IPv6 address without brackets before both ports. */
function bracketed(short: string): string {
  const [, address = "", ports] = /^([0-9a-f:.]+):([^:]*:[^:]+)$/i.exec(short) ?? [];
  return isIPv6(address) ? `[${address}]:${ports}` : short;
}

function rangeOf(range: string, least: number): [number, number] | string {
  const match = /^(\d+)(?:-(\d+))?$/.exec(range);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? first);
  if (!match || first < least || last > 65535 || (first === 0 && last > 0))
    return "is no port: ports are 1 to 65535";
  return last < first ? "goes downward: a range goes upward" : [first, last];
}
