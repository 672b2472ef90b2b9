/** A compose file as a Pulumi program of this project's components. */

import { relative, sep } from "node:path";
import type {
  Planned,
  PlannedData,
  PlannedFile,
  PlannedService,
  PlannedTaskArgs,
  StackPlan,
} from "../../components/compose/plan";
import { namespaceLabel } from "../../host/contentName";
import { isNodeNetwork } from "../../host/nodeNetworks";
import { Code, creation, importOf, inline, Literal, Names, quoted } from "./code";

/** A name that machines may have, with `-vm1` after it, of any stack's name. */
const clusterName = (stack: string): string =>
  stack
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-/, "")
    .slice(0, 26)
    .replace(/-$/, "") || "stack";

/**
 * Its text.
 *
 * @param folder where it will be: files are named from there
 * @param variables folder whose `.env` has variables too
 */
export function programText(plan: StackPlan, folder: string, variables = folder): string {
  return new Program(plan, folder, variables).text();
}

class Program {
  private readonly names = new Names(
    "cluster",
    "stack",
    "config",
    "docker",
    "pulumi",
    "text",
    "fromEnvironment",
    "join",
    "readFileSync",
    "nodeNetworkId",
  );
  /** What is imported from where. */
  private readonly components = new Set(["SwarmCluster"]);
  private readonly uses = { files: false, paths: false, docker: false, config: false };
  private readonly lines: string[] = [];

  constructor(
    private readonly plan: StackPlan,
    private readonly folder: string,
    private readonly variables: string,
  ) {}

  text(): string {
    const { plan } = this;
    const networkIds = this.networks();
    const secrets = this.data(plan.secrets, "SwarmSecret", "secret");
    const configs = this.data(plan.configs, "SwarmConfig", "config");
    this.services(networkIds, secrets, configs);
    return `${[...this.head(), ...this.lines].join("\n")}\n`;
  }

  private head(): string[] {
    const { files, paths, docker, config } = this.uses;
    const ports = Object.values(this.plan.services).flatMap(({ args }) =>
      (args.ports ?? []).flatMap(({ published, protocol }) =>
        published !== undefined && (protocol ?? "tcp") === "tcp" ? [published] : [],
      ),
    );
    const unique = [...new Set(ports)].sort((one, other) => one - other);
    const args = unique.length > 0 ? [{ ports: unique }] : [];
    return [
      ...(files ? ['import { readFileSync } from "node:fs";'] : []),
      ...(files || paths ? ['import { join } from "node:path";'] : []),
      ...(docker ? ['import * as docker from "@pulumi/docker";'] : []),
      ...(config ? ['import * as pulumi from "@pulumi/pulumi";'] : []),
      importOf(this.components, "vmcluster"),
      "",
      creation("const cluster = ", "SwarmCluster", [clusterName(this.plan.name), ...args]),
      `const stack = { ${quoted(namespaceLabel)}: ${quoted(this.plan.name)} };`,
      ...(config ? ["const config = new pulumi.Config();"] : []),
      ...(files
        ? ["", 'const text = (file: string): string => readFileSync(join(__dirname, file), "utf8");']
        : []),
    ];
  }

  private add(...lines: string[]): void {
    this.lines.push(...lines);
  }

  /** Code of the networks' IDs, by key. */
  private networks(): Map<string, string> {
    const ids = new Map<string, string>();
    const all = Object.entries(this.plan.networks);
    if (all.length > 0) this.add("");
    for (const [key, { name, external, args }] of all) {
      const constant = this.names.of(key, "Network");
      if (external && isNodeNetwork(name)) {
        this.components.add("nodeNetworkId");
        this.add(`const ${constant} = nodeNetworkId(${quoted(name)}, cluster.onSwarm);`);
        ids.set(key, constant);
        continue;
      }
      if (external) {
        this.uses.docker = true;
        this.add(`const ${constant} = docker.getNetworkOutput({ name: ${quoted(name)} }, cluster.onSwarm);`);
        ids.set(key, `${constant}.id`);
        continue;
      }
      this.components.add("OverlayNetwork");
      const { labels, ...more } = args;
      this.add(
        creation(`const ${constant} = `, "OverlayNetwork", [
          key,
          { networkName: name, ...more, labels: stackLabels(labels) },
          new Code("cluster.onSwarm"),
        ]),
      );
      ids.set(key, `${constant}.networkId`);
    }
    return ids;
  }

  /** Code of how a service uses each secret or config, by key. */
  private data(
    all: StackPlan["secrets"],
    type: "SwarmSecret" | "SwarmConfig",
    field: "secret" | "config",
  ): (use: PlannedFile) => Code {
    const made = new Map<string, (use: PlannedFile) => string>();
    if (Object.keys(all).length > 0) this.add("");
    for (const [key, one] of Object.entries(all)) {
      const constant = this.names.of(key, field === "secret" ? "Secret" : "Config");
      if (one.external) {
        this.uses.config = true;
        this.add(
          `// docker ${field} inspect --format '{{.ID}}' ${inComment(one.name)}`,
          `const ${constant}Id = config.require("${constant}Id");`,
        );
        made.set(key, ({ source: _, ...use }) =>
          onOneLine({ id: new Code(`${constant}Id`), name: one.name, ...use }),
        );
        continue;
      }
      this.components.add(type);
      this.add(
        creation(`const ${constant} = `, type, [
          key,
          { [`${field}Name`]: one.name, data: this.content(one), labels: stackLabels(one.labels) },
          new Code("cluster.onSwarm"),
        ]),
      );
      made.set(
        key,
        ({ source: _, target, ...more }) =>
          `${constant}.file(${quoted(target)}${Object.keys(more).length > 0 ? `, ${onOneLine(more)}` : ""})`,
      );
    }
    return (use) => new Code((made.get(use.source) as (use: PlannedFile) => string)(use));
  }

  private content({ file, environment, content }: PlannedData): unknown {
    if (content !== undefined) return content;
    if (environment !== undefined) {
      this.components.add("fromEnvironment");
      const folder = this.fromHere(this.variables);
      if (folder !== "") this.uses.paths = true;
      const where = folder === "" ? "__dirname" : `join(__dirname, ${quoted(folder)})`;
      return new Code(`fromEnvironment(${quoted(environment)}, ${where})`);
    }
    this.uses.files = true;
    return new Code(`text(${quoted(this.fromHere(file as string))})`);
  }

  private fromHere(path: string): string {
    return relative(this.folder, path).split(sep).join("/");
  }

  private services(
    networkIds: ReadonlyMap<string, string>,
    secrets: (use: PlannedFile) => Code,
    configs: (use: PlannedFile) => Code,
  ): void {
    const jobs = new Map<string, Planned<PlannedTaskArgs>>(Object.entries(this.plan.jobs));
    const all = new Map([...Object.entries<Planned<PlannedTaskArgs>>(this.plan.services), ...jobs]);
    const waitedFor = new Set([...all.values()].flatMap(({ dependsOn }) => dependsOn));
    const constants = new Map<string, string>();
    const make = (key: string): void => {
      const service = all.get(key);
      if (service === undefined || constants.has(key)) return;
      service.dependsOn.forEach(make);
      const type = jobs.has(key) ? "SwarmJob" : "SwarmService";
      this.components.add(type);
      const constant = this.names.of(key, type.slice("Swarm".length));
      constants.set(key, constant);
      const { serviceName, image, labels, containerLabels, ...args } = service.args;
      const before = service.dependsOn.map((other) => new Code(constants.get(other) as string));
      const options =
        before.length === 0
          ? new Code("cluster.onSwarm")
          : new Literal([new Code("cluster.onSwarm")], {
              dependsOn: [new Code("...cluster.onSwarm.dependsOn"), ...before],
            });
      this.add(
        "",
        creation(waitedFor.has(key) ? `const ${constant} = ` : "", type, [
          key,
          {
            serviceName,
            image,
            ...args,
            networks: service.networks.map((use) => networkUse(networkIds, use)),
            ...(service.secrets.length > 0 && { secrets: service.secrets.map(secrets) }),
            ...(service.configs.length > 0 && { configs: service.configs.map(configs) }),
            labels: stackLabels(labels),
            containerLabels: stackLabels(containerLabels),
          },
          options,
        ]),
      );
    };
    for (const key of all.keys()) make(key);
  }
}

function networkUse(
  networkIds: ReadonlyMap<string, string>,
  { network, aliases }: PlannedService["networks"][number],
): unknown {
  return { networkId: new Code(networkIds.get(network) as string), ...(aliases.length > 0 && { aliases }) };
}

/** With the label of the stack as the constant that holds it. */
function stackLabels(labels: Readonly<Record<string, string>> | undefined): unknown {
  const { [namespaceLabel]: _, ...rest } = labels ?? {};
  return Object.keys(rest).length === 0 ? new Code("stack") : new Literal([], rest, [new Code("stack")]);
}

const onOneLine = (fields: Record<string, unknown>): string => inline(fields) as string;

/** A comment takes no text of a file but plain names. */
const inComment = (name: string): string => (/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name) ? name : "NAME");
