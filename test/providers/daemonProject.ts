import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type EngineEvent, initStack, type Operation, type OperationResult } from "../../engine";
import { dockerProvider } from "../../providers/docker/provider";
import { listen, type Served } from "../../providers/rpc/serve";
import { DockerDaemon } from "./dockerDaemon";

export const checkout = resolve(__dirname, "../..");

export interface Told extends OperationResult {
  /** Messages, but those for developers, and why steps failed. */
  readonly said: string[];
  /** What was done, as `create web`. */
  readonly steps: string[];
}

/** A TypeScript program; the engine and the docker provider run in this process, from source. */
export class EngineProject {
  readonly dir: string;
  readonly options: { projectDir: string; stack: string; backendDir: string; passphrase: string };
  private provider: Served | undefined;

  constructor(private readonly name: string) {
    this.dir = mkdtempSync(join(tmpdir(), `vmcluster-${name}-`));
    const home = join(this.dir, "home");
    this.options = { projectDir: this.dir, stack: "dev", backendDir: home, passphrase: "test" };
  }

  /** Makes the project. */
  async begin(program: string): Promise<void> {
    this.provider = await listen(dockerProvider());
    process.env.PULUMI_DEBUG_PROVIDERS = `docker:${this.provider.port}`;
    writeFileSync(join(this.dir, "Pulumi.yaml"), `name: ${this.name}\nruntime: nodejs\nmain: index.ts\n`);
    writeFileSync(join(this.dir, "package.json"), "{}");
    writeFileSync(join(this.dir, "index.ts"), program);
    symlinkSync(join(checkout, "node_modules"), join(this.dir, "node_modules"));
    await initStack(this.options);
  }

  async run(operation: Operation): Promise<Told> {
    const said: string[] = [];
    const steps: string[] = [];
    const onEvent = (event: EngineEvent): void => {
      if (event.kind === "diagnostic" && event.severity !== "debug") said.push(event.message);
      if (event.kind === "resource-failed") said.push(event.message);
      if (event.kind === "resource-done" && event.step.op !== "same")
        steps.push(`${event.step.op} ${event.step.name}`);
    };
    return { ...(await operation({ ...this.options, onEvent })), said, steps };
  }

  /** @throws Error with what was said, unless it succeeds */
  async ok(operation: Operation): Promise<Told> {
    const told = await this.run(operation);
    if (told.result !== "succeeded") throw new Error([told.result, ...told.said].join("\n"));
    return told;
  }

  async remove(): Promise<void> {
    delete process.env.PULUMI_DEBUG_PROVIDERS;
    await this.provider?.close();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** The same on a real daemon that has the image `test:1`. */
export class DaemonProject extends EngineProject {
  private started: DockerDaemon | undefined;

  get daemon(): DockerDaemon {
    if (this.started === undefined) throw new Error("the daemon was not started");
    return this.started;
  }

  /** @param program what it is, with the daemon's address, which is in `DOCKER` too */
  async start(program: (host: string) => string): Promise<void> {
    this.started = await DockerDaemon.start();
    await this.daemon.makeImage("test:1");
    process.env.DOCKER = this.daemon.host;
    await this.begin(program(this.daemon.host));
  }

  override async remove(): Promise<void> {
    delete process.env.DOCKER;
    await super.remove();
    await this.started?.remove();
  }
}
