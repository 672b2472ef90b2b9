/** A cluster's health as people read it. */
import type pc from "picocolors";
import { table } from "../table";
import type { Health } from "./health";
import { bytes, shortImage, since } from "./words";

type Colors = ReturnType<typeof pc.createColors>;

const part = (rows: readonly (readonly string[])[]): string[] =>
  table(rows)
    .trimEnd()
    .split("\n")
    .map((line) => `  ${line}`);

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
    title("Nodes", goodNodes, nodes.length, "ready"),
    ...part(
      nodes.map((node) => [
        mark(node.healthy),
        node.name,
        node.role,
        node.availability === "active" ? node.status : `${node.status}, ${node.availability}`,
        `${node.tasks} ${node.tasks === 1 ? "task" : "tasks"}`,
        node.address,
        `${node.cpus} CPU, ${bytes(node.memory)}`,
        node.message,
      ]),
    ),
    "",
    title("Services", goodServices, services.length, "as wanted"),
    ...part(
      services.map((service) => [
        mark(service.healthy),
        service.name,
        `${service.running}/${service.wanted}`,
        service.mode,
        service.ports.join(", ") || "-",
        shortImage(service.image),
        service.update === "" || service.update === "completed"
          ? ""
          : [...new Set([service.update, service.updateMessage])].filter(Boolean).join(": "),
      ]),
    ),
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
              answers ? `${said} in ${milliseconds} ms` : said,
            ]),
          ),
        ]),
  ];
}
