/** How swarms are spoken of in tables. */
import type { ApiNode, ApiService, ApiTask } from "./api";

/** `12 seconds`, `5 minutes`, `2 days`: how long ago a time of the daemon's was. */
export function since(time: string, now = Date.now()): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(time)) / 1000));
  const unit = (count: number, name: string): string => `${count} ${name}${count === 1 ? "" : "s"}`;
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 120) return unit(seconds, "second");
  if (seconds < 2 * 3600) return unit(Math.floor(seconds / 60), "minute");
  if (seconds < 48 * 3600) return unit(Math.floor(seconds / 3600), "hour");
  return unit(Math.floor(seconds / 86_400), "day");
}

/** `web:1@sha256:0123456789ab`: a digest is told by its beginning. */
export const shortImage = (image: string): string => image.replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, "$1");

export const shortId = (id: string): string => id.slice(0, 12);

export const bytes = (amount: number): string => `${(amount / 2 ** 30).toFixed(1)} GiB`;

export const isDown = (node: ApiNode): boolean => node.Status.State !== "ready";

/** At which the other nodes reach it; a manager may not know its own. */
export function addressOf(node: ApiNode): string {
  const own = node.Status.Addr ?? "";
  if (own !== "" && own !== "0.0.0.0" && !own.startsWith("127.")) return own;
  return node.ManagerStatus?.Addr?.replace(/:\d+$/, "") ?? own;
}

/** `web.2`; of a global service `agent.myvm1`. */
export function taskName(task: ApiTask, service: string, node: string): string {
  return `${service}.${task.Slot ?? (node === "" ? "?" : node)}`;
}

/** Tasks that the swarm wants to run: not those it has replaced or given up. */
export const isWanted = ({ DesiredState }: ApiTask): boolean =>
  DesiredState === "running" || DesiredState === "ready";

export type Mode = "replicated" | "global" | "replicated-job" | "global-job";

export function modeOf({ Spec: { Mode = {} } }: ApiService): Mode {
  if (Mode.Global !== undefined) return "global";
  if (Mode.GlobalJob !== undefined) return "global-job";
  return Mode.ReplicatedJob !== undefined ? "replicated-job" : "replicated";
}

/** An error of Docker's without what is in it for developers. */
export const shortError = (text = ""): string => text.replace(/\s+/g, " ").trim();
