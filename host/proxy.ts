/** The proxies of the environment, as curl reads it: `http_proxy`, `https_proxy`, `no_proxy`, also in capitals. */
import { UserError } from "./userError";

const variable = (name: string): string | undefined =>
  process.env[name] || process.env[name.toUpperCase()] || undefined;

/** Whether an entry of no_proxy, `host`, `.domain` or `host:port`, means this host. */
function means(entry: string, url: URL): boolean {
  const [, name = "", port = ""] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
  if (port !== "" && port !== (url.port || (url.protocol === "https:" ? "443" : "80"))) return false;
  return name !== "" && (url.hostname === name || url.hostname.endsWith(`.${name}`));
}

/**
 * The proxy to reach a URL by, if any.
 *
 * @throws UserError if it is of another kind than http
 */
export function proxyFor(url: URL): URL | undefined {
  const name = url.protocol === "https:" ? "https_proxy" : "http_proxy";
  const value = variable(name);
  const exceptions = (variable("no_proxy") ?? "").split(/[\s,]+/).filter(Boolean);
  if (value === undefined || exceptions.some((entry) => entry === "*" || means(entry, url))) return undefined;
  const text = value.includes("://") ? value : `http://${value}`;
  if (URL.canParse(text) && new URL(text).protocol === "http:") return new URL(text);
  throw new UserError(
    `${name}: ${JSON.stringify(value.replace(/\/\/[^/]*@/, "//"))}`,
    "must be the address of an http proxy, http://host:port",
  );
}
