/** A cluster's health as people read it. */
import type pc from "picocolors";
import { table } from "../table";
import type { Health } from "./health";
import { replicasText } from "./services";
import { bytes, shortImage, since } from "./words";

type Colors = ReturnType<typeof pc.createColors>;

const part = (rows: readonly (readonly string[])[]): string[] =>
  table(rows)
    .trimEnd()
    .split("\n")
    .map((line) => `  ${line}`);

/** What a server says that does not know the method with which it was asked. */
const refused = new Set(["405", "501"]);

function remark(service: Health["services"][number]): string {
  const { name, mode, healthy, completed, update, updateMessage } = service;
  if (update !== "" && update !== "completed")
    return [...new Set([update, updateMessage])].filter(Boolean).join(": ");
  if (healthy || completed === 0) return "";
  const remedy =
    mode === "replicated" ? "vmcluster rebalance" : "on a manager: docker service update --force";
  return `what ended with exit code 0 is not started again (its restart policy): ${remedy} ${name}`;
}

/** Nothing of what could not be asked; of what did not answer in time just that. */
function freeText({ free, diskFree, memoryFree }: Health["nodes"][number]): string {
  if (free !== "known") return free === "no answer" ? "free: no answer" : "";
  const parts = [
    diskFree === null ? "" : `disk ${bytes(diskFree)}`,
    memoryFree === null ? "" : `memory ${bytes(memoryFree)}`,
  ];
  return `free: ${parts.filter((part) => part !== "").join(", ")}`;
}

export function healthLines(health: Health, colors: Colors): string[] {
  const mark = (good: boolean | undefined): string =>
    good === undefined ? "-" : good ? colors.green("✓") : colors.red("✗");
  const title = (name: string, good: number, all: number, verb: string): string =>
    `${colors.bold(name)}  ${(good === all ? colors.green : colors.red)(`${good} of ${all} ${verb}`)}`;
  const { nodes, services, problems, urls } = health;
  const goodNodes = nodes.filter(({ healthy }) => healthy).length;
  const goodServices = services.filter(({ healthy }) => healthy).length;
  const web = urls.filter(({ answers }) => answers !== undefined);
  return [
    `${colors.bold(health.cluster)}  ${health.healthy ? colors.green("healthy") : colors.red("not healthy")}  ${colors.dim(`${health.manager} at ${new Date(health.time).toLocaleTimeString()}`)}`,
    "",
    title("Nodes", goodNodes, nodes.length, "healthy"),
    ...part(
      nodes.map((node) => [
        mark(node.healthy),
        node.name,
        node.role,
        node.availability === "active" ? node.status : `${node.status}, ${node.availability}`,
        `${node.tasks} ${node.tasks === 1 ? "task" : "tasks"}`,
        node.address,
        `${node.cpus} CPU, ${bytes(node.memory)}`,
        freeText(node),
        node.message,
      ]),
    ),
    // What is not as it should be stands where a low screen still shows it.
    ...(problems.length === 0
      ? []
      : [
          "",
          colors.bold("Tasks with problems"),
          ...part(
            problems.map(({ name, node, state, timestamp, error }) => [
              mark(false),
              name,
              node || "-",
              `${state} ${since(timestamp, Date.parse(health.time))}`,
              error,
            ]),
          ),
        ]),
    ...(urls.length === 0
      ? []
      : [
          "",
          title("URLs", web.filter(({ answers }) => answers).length, web.length, "answer"),
          ...part(
            urls.map(({ name, url, answers, said, milliseconds }) => [
              mark(answers),
              name,
              url,
              answers ? `${refused.has(said) ? "answers" : said} in ${milliseconds} ms` : said,
            ]),
          ),
        ]),
    "",
    title("Services", goodServices, services.length, "as wanted"),
    ...part(
      services.map((service) => [
        mark(service.healthy),
        service.name,
        replicasText(service),
        service.mode,
        service.ports.join(", ") || "-",
        shortImage(service.image),
        remark(service),
      ]),
    ),
  ];
}
