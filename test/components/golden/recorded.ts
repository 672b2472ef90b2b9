import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { allImageRefs } from "../../../images/refs";
import type { Recorder } from "../mocks";

const checkout = resolve(__dirname, "../../..");
const folder = join(checkout, "test/recorded/golden");

/** For a busy computer, in milliseconds. */
const limit = 240_000;

/** What the engine keeps of a resource, and by which a preview finds a difference. */
interface GoldenResource {
  readonly type: string;
  readonly inputs: unknown;
  readonly dependencies: readonly string[];
  /** Options that are set. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** By URN. */
export type Golden = Record<string, GoldenResource>;

/** A request to register a resource, as the SDK sends it; only what is read here. */
interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  toObject(): Readonly<Record<string, unknown>> & { dependenciesList: string[] };
  getObject(): { toJavaScript(): Record<string, unknown> } | undefined;
}

type Callback = (error: unknown, response?: unknown) => void;

interface Monitor {
  newUrn(parent: string, type: string, name: string): string;
  registerResource(request: Request, callback: Callback): Promise<void>;
  invoke(request: unknown, callback: Callback): Promise<void>;
}

const options = [
  ...["custom", "protect", "provider", "deletebeforereplace", "ignorechangesList", "replaceonchangesList"],
  ...["importid", "additionalsecretoutputsList", "aliasesList", "retainondelete", "deletedwith"],
  ...["customtimeouts", "remote"],
];

/** By these the SDK marks a secret in what it sends. */
const signature = "4dabf18193072939515e22adb298388d";
const secret = "1b47061264138c4ac30d75fd1eb44270";

/** What differs between two computers, and images, whose content may change, gets a name. */
function naming(recorder: Recorder): (text: string) => string {
  const names: [string, string][] = [
    [recorder.keyFolder, "<keys>"],
    [checkout, "<checkout>"],
    ...Object.entries(allImageRefs()).map(([name, ref]): [string, string] => [ref, `<image ${name}>`]),
  ];
  return (text) => names.reduce((now, [from, to]) => now.replaceAll(from, to), text);
}

function readable(value: unknown, named: (text: string) => string): unknown {
  if (typeof value === "string") return named(value);
  if (Array.isArray(value)) return value.map((one) => readable(one, named));
  if (typeof value !== "object" || value === null) return value;
  const fields = value as Record<string, unknown>;
  if (fields[signature] === secret) return { secret: readable(fields.value, named) };
  return Object.fromEntries(
    Object.keys(fields)
      .sort()
      .map((key) => [named(key), readable(fields[key], named)]),
  );
}

function isSet(value: unknown): boolean {
  return typeof value === "object" && value !== null ? Object.values(value).some(isSet) : Boolean(value);
}

/** Runs a program with mocks and tells what it registers. `until`: these are awaited, however slow this computer is. */
export async function register(
  program: () => void,
  config: Record<string, string>,
  until: readonly string[],
) {
  const pulumi = require("@pulumi/pulumi") as typeof import("@pulumi/pulumi");
  const recorder = new (require("../mocks") as { Recorder: typeof Recorder }).Recorder();
  recorder.digest = { digest: `sha256:${"1".repeat(64)}` };
  const token = (end: string): string => `SWMTKN-1-${"0".repeat(50)}-${end.repeat(25)}`;
  recorder.rotatedTokens = { Worker: token("a"), Manager: token("b") };
  recorder.start();
  pulumi.runtime.setAllConfig(config);
  const named = naming(recorder);
  const golden: Golden = {};
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const registerResource = monitor.registerResource.bind(monitor);
  const keep = (request: Request): void => {
    const urn = named(monitor.newUrn(request.getParent(), request.getType(), request.getName()));
    if (urn in golden) throw new Error(`${urn} is registered twice`);
    const { dependenciesList, ...all } = request.toObject();
    golden[urn] = {
      type: request.getType(),
      inputs: readable(request.getObject()?.toJavaScript() ?? {}, named),
      dependencies: dependenciesList.map(named).sort(),
      options: Object.fromEntries(
        options.filter((name) => isSet(all[name])).map((name) => [name, readable(all[name], named)]),
      ),
    };
  };
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // A mock that cannot answer would be waited for without end.
  const watched =
    (callback: Callback): Callback =>
    (error, response) =>
      error ? fail(error) : callback(error, response);
  monitor.registerResource = async (request, callback) => {
    try {
      keep(request);
    } catch (error) {
      return fail(error);
    }
    return registerResource(request, watched(callback));
  };
  const invoke = monitor.invoke.bind(monitor);
  monitor.invoke = (request, callback) => invoke(request, watched(callback));
  const timer = setTimeout(
    () =>
      fail(new Error(`something waits for an answer; registered are:\n${Object.keys(golden).join("\n")}`)),
    limit,
  );
  try {
    await Promise.race([failed, everything(program, golden, until)]);
  } finally {
    clearTimeout(timer);
  }
  return golden;
}

/** Runs it and waits until nothing more is registered, and all of `until` is, or half of the limit is over. */
async function everything(program: () => void, golden: Golden, until: readonly string[]): Promise<void> {
  const { runtime } = require("@pulumi/pulumi") as typeof import("@pulumi/pulumi");
  await runtime.runInPulumiStack(async () => program());
  const end = Date.now() + limit / 2;
  let before = -1;
  // What follows from an answer is registered in a later turn of the event loop.
  for (;;) {
    await runtime.disconnect();
    await new Promise((resolve) => setTimeout(resolve, 250));
    const now = Object.keys(golden).length;
    if (now === before && (until.every((urn) => urn in golden) || Date.now() > end)) break;
    before = now;
  }
}

const file = (name: string): string => join(folder, `${name}.json`);

export function recorded(name: string): Golden | undefined {
  return existsSync(file(name)) ? (JSON.parse(readFileSync(file(name), "utf8")) as Golden) : undefined;
}

/** Sorted by URN: the order in which resources are registered depends on timing. */
export const sorted = (golden: Golden): Golden =>
  Object.fromEntries(Object.entries(golden).sort(([a], [b]) => (a < b ? -1 : 1)));

/** One line for each field of a resource. */
export function record(name: string, golden: Golden): void {
  const lines = Object.entries(sorted(golden)).map(
    ([urn, resource]) =>
      `  ${JSON.stringify(urn)}: {\n${Object.entries(resource)
        .map(([field, value]) => `    "${field}": ${JSON.stringify(value)}`)
        .join(",\n")}\n  }`,
  );
  mkdirSync(folder, { recursive: true });
  writeFileSync(file(name), `{\n${lines.join(",\n")}\n}\n`);
}
