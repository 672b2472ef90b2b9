/** Volumes of services: `name:/path:ro`, `/folder:/path`, `/path`, and the long form; secrets and configs of services. */
import { z } from "zod";
import { oneOf } from "../../service/checks";
import { isPath } from "../paths";
import { anything, bytes, fields, flag, labels, permissions, refuse, text } from "./values";

const longMount = fields({
  type: oneOf("volume", "bind", "tmpfs", "npipe", "cluster", "image"),
  source: text.optional(),
  target: text,
  read_only: flag.optional(),
  consistency: anything.optional(),
  bind: fields({
    propagation: oneOf("private", "rprivate", "shared", "rshared", "slave", "rslave").optional(),
    create_host_path: flag.optional(),
    recursive: anything.optional(),
    selinux: text.optional(),
  }).optional(),
  volume: fields({
    nocopy: flag.optional(),
    subpath: text.optional(),
    labels: labels.optional(),
  }).optional(),
  tmpfs: fields({ size: bytes.optional(), mode: permissions.optional() }).optional(),
  image: anything.optional(),
});

const propagations = ["private", "rprivate", "shared", "rshared", "slave", "rslave"];
const consistencies = ["cached", "delegated", "consistent"];

export const mounts = z.array(
  z.preprocess((value, ctx) => (typeof value === "string" ? shortMount(value, ctx) : value), longMount),
);
export interface Mount extends z.infer<typeof longMount> {
  /** Options of the short form of a `tmpfs` that nothing stands for. */
  readonly without?: readonly string[];
}

function shortMount(short: string, ctx: z.RefinementCtx): unknown {
  // A letter and a colon start a path of Windows.
  const parts = short.split(/(?<!^[A-Za-z]):(?!$)|(?<=^[A-Za-z]):(?![\\/])/);
  const [first = "", second, options = "", ...rest] = parts;
  if (rest.length > 0 || first === "")
    return refuse(ctx, 'must be of the form "source:target" or "source:target:ro"');
  if (second === undefined) return { type: "volume", target: first };
  const mount: Record<string, unknown> = {
    type: isPath(first) ? "bind" : "volume",
    source: first,
    target: second,
  };
  for (const option of options.split(",").filter((one) => one !== "")) {
    if (option === "ro") mount.read_only = true;
    else if (option === "nocopy") mount.volume = { nocopy: true };
    else if (propagations.includes(option)) mount.bind = { ...bind(mount), propagation: option };
    else if (option === "z" || option === "Z") mount.bind = { ...bind(mount), selinux: option };
    else if (consistencies.includes(option)) mount.consistency = option;
    else if (option !== "rw") return refuse(ctx, `"${option}" is no option of a mount`);
  }
  return mount;
}

const bind = ({ bind }: Record<string, unknown>): object => (bind ?? {}) as object;

/** What the tmpfs of a swarm is anyway. */
const asTmpfsIs = ["rw", "noexec", "nosuid", "nodev"];
const noTmpfs = ["exec", "suid", "dev", "uid", "gid"];

/** `/run`, `/run:size=64m,mode=1777`. */
export const tmpfs = z.preprocess(
  (value) => (Array.isArray(value) ? value : [value]),
  z.array(
    z.string().transform((short, ctx): Mount => {
      const [target = "", options = ""] = short.split(":");
      const settings: { size?: number; mode?: number } = {};
      const without: string[] = [];
      let readOnly = false;
      for (const option of options.split(",").filter((one) => one !== "")) {
        const [name, value = ""] = option.split("=");
        const amount =
          name === "size"
            ? bytes.safeParse(value)
            : name === "mode"
              ? permissions.safeParse(value)
              : undefined;
        if (amount?.success && name === "size") settings.size = amount.data;
        else if (amount?.success) settings.mode = amount.data;
        else if (name === "size" && /^\d+%$/.test(value))
          return refuse(
            ctx,
            `"${option}": a swarm has no shares of a node's memory: give an amount such as 64M`,
          );
        else if (name === "ro") readOnly = true;
        else if (noTmpfs.includes(name ?? "")) without.push(option);
        else if (!asTmpfsIs.includes(name ?? "")) return refuse(ctx, `"${option}" is no option of tmpfs`);
      }
      return {
        type: "tmpfs",
        target,
        ...(readOnly && { read_only: true }),
        ...(Object.keys(settings).length > 0 && { tmpfs: settings }),
        ...(without.length > 0 && { without }),
      };
    }),
  ),
);

/** Of secrets and configs: a name, or where and how its file is put. */
export const files = z.array(
  z.preprocess(
    (value) => (typeof value === "string" ? { source: value } : value),
    fields({
      source: text,
      target: text.optional(),
      uid: text.optional(),
      gid: text.optional(),
      mode: permissions.optional(),
    }),
  ),
);
export type FileUse = z.infer<typeof files>[number];
