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
import { Code, creation, importOf, Names, quoted } from "./code";

/** A name that machines may have, with `-vm1` after it, of any stack's name. */
const clusterName = (stack: string): string =>
  stack
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-/, "")
    .slice(0, 26)
    .replace(/-$/, "") || "stack";

/** Its text. `folder` is where it will be: files are named from there. */
export function programText(plan: StackPlan, folder: string): string {
  return new Program(plan, folder).text();
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
    "nodeNetworkId",
  );
  /** What is imported from where. */
  private readonly components = new Set(["SwarmCluster"]);
  private readonly uses = { files: false, environment: false, docker: false, config: false };
  private readonly lines: string[] = [];

  constructor(
    private readonly plan: StackPlan,
    private readonly folder: string,
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
    const { files, environment, docker, config } = this.uses;
    const ports = Object.values(this.plan.services).flatMap(({ args }) =>
      (args.ports ?? []).flatMap(({ published, protocol }) =>
        published !== undefined && (protocol ?? "tcp") === "tcp" ? [published] : [],
      ),
    );
    const unique = [...new Set(ports)].sort((one, other) => one - other);
    const args = unique.length > 0 ? [{ ports: unique }] : [];
    return [
      ...(files ? ['import { readFileSync } from "node:fs";', 'import { join } from "node:path";'] : []),
      ...(docker ? ['import * as docker from "@pulumi/docker";'] : []),
      ...(config ? ['import * as pulumi from "@pulumi/pulumi";'] : []),
      importOf(this.components, "vmcluster"),
      "",
      creation("const cluster = ", "SwarmCluster", [clusterName(this.plan.name), ...args]),
      `const stack = { ${JSON.stringify(namespaceLabel)}: ${JSON.stringify(this.plan.name)} };`,
      ...(config ? ["const config = new pulumi.Config();"] : []),
      ...(files
        ? ["", 'const text = (file: string): string => readFileSync(join(__dirname, file), "utf8");']
        : []),
      ...(environment
        ? [
            "",
            "function fromEnvironment(name: string): string {",
            "  const value = process.env[name];",
            `  if (value === undefined) throw new Error(\`the variable \${name} is not set\`);`,
            "  return value;",
            "}",
          ]
        : []),
    ];
  }

  private add(...lines: string[]): void {
    this.lines.push(...lines);
  }

  /** Code of the networks' IDs, by key. */
  private networks(): Record<string, string> {
    const ids: Record<string, string> = {};
    const all = Object.entries(this.plan.networks);
    if (all.length > 0) this.add("");
    for (const [key, { name, external, args }] of all) {
      const constant = this.names.of(key, "Network");
      if (external && isNodeNetwork(name)) {
        this.components.add("nodeNetworkId");
        this.add(`const ${constant} = nodeNetworkId(${JSON.stringify(name)}, cluster.onSwarm);`);
        ids[key] = constant;
        continue;
      }
      if (external) {
        this.uses.docker = true;
        this.add(
          `const ${constant} = docker.getNetworkOutput({ name: ${JSON.stringify(name)} }, cluster.onSwarm);`,
        );
        ids[key] = `${constant}.id`;
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
      ids[key] = `${constant}.networkId`;
    }
    return ids;
  }

  /** Code of how a service uses each secret or config, by key. */
  private data(
    all: StackPlan["secrets"],
    type: "SwarmSecret" | "SwarmConfig",
    field: "secret" | "config",
  ): (use: PlannedFile) => Code {
    const made: Record<string, (use: PlannedFile) => string> = {};
    if (Object.keys(all).length > 0) this.add("");
    for (const [key, one] of Object.entries(all)) {
      const constant = this.names.of(key, field === "secret" ? "Secret" : "Config");
      if (one.external) {
        this.uses.config = true;
        this.add(
          `// docker ${field} inspect --format '{{.ID}}' ${one.name}`,
          `const ${constant}Id = config.require("${constant}Id");`,
        );
        made[key] = ({ source: _, ...use }) =>
          inlineObject({ id: new Code(`${constant}Id`), name: one.name, ...use });
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
      made[key] = ({ source: _, target, ...more }) =>
        `${constant}.file(${quoted(target)}${Object.keys(more).length > 0 ? `, ${inlineObject(more)}` : ""})`;
    }
    return (use) => new Code((made[use.source] as (use: PlannedFile) => string)(use));
  }

  private content({ file, environment, content }: PlannedData): unknown {
    if (content !== undefined) return content;
    if (environment !== undefined) {
      this.uses.environment = true;
      return new Code(`fromEnvironment(${JSON.stringify(environment)})`);
    }
    this.uses.files = true;
    const path = relative(this.folder, file as string)
      .split(sep)
      .join("/");
    return new Code(`text(${quoted(path)})`);
  }

  private services(
    networkIds: Record<string, string>,
    secrets: (use: PlannedFile) => Code,
    configs: (use: PlannedFile) => Code,
  ): void {
    const all = { ...this.plan.services, ...this.plan.jobs };
    const waitedFor = new Set(Object.values(all).flatMap(({ dependsOn }) => dependsOn));
    const constants: Record<string, string> = {};
    const make = (key: string): void => {
      const service: Planned<PlannedTaskArgs> | undefined = all[key];
      if (service === undefined || key in constants) return;
      service.dependsOn.forEach(make);
      const type = key in this.plan.jobs ? "SwarmJob" : "SwarmService";
      this.components.add(type);
      constants[key] = this.names.of(key, type.slice("Swarm".length));
      const { serviceName, image, labels, containerLabels, ...args } = service.args;
      const before = service.dependsOn.map((other) => new Code(constants[other] as string));
      const options =
        before.length === 0
          ? new Code("cluster.onSwarm")
          : { "...cluster.onSwarm": true, dependsOn: [new Code("...cluster.onSwarm.dependsOn"), ...before] };
      this.add(
        "",
        creation(waitedFor.has(key) ? `const ${constants[key]} = ` : "", type, [
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
    for (const key of Object.keys(all)) make(key);
  }
}

function networkUse(
  networkIds: Record<string, string>,
  { network, aliases }: PlannedService["networks"][number],
): unknown {
  return { networkId: new Code(networkIds[network] as string), ...(aliases.length > 0 && { aliases }) };
}

/** With the label of the stack as the constant that holds it. */
function stackLabels(labels: Readonly<Record<string, string>> | undefined): unknown {
  const { [namespaceLabel]: _, ...rest } = labels ?? {};
  return Object.keys(rest).length === 0 ? new Code("stack") : { ...rest, "...stack": true };
}

const inlineObject = (fields: Record<string, unknown>): string =>
  `{ ${Object.entries(fields)
    .map(
      ([key, value]) =>
        `${key}: ${value instanceof Code ? value.text : typeof value === "string" ? quoted(value) : JSON.stringify(value)}`,
    )
    .join(", ")} }`;
