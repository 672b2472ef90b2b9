// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose files are written so
/** Whatever texts and numbers a plan has: written as a compose file and read again, it is the same. */
import fc from "fast-check";
import { withoutUndefined } from "../../../components/compose/conversion";
import { convert } from "../../../components/compose/convert";
import { load } from "../../../components/compose/load";
import type { StackPlan } from "../../../components/compose/plan";
import { composeText } from "../../../components/compose/write";

/** Texts with what means something in YAML, in shells and to variables. */
const text = fc
  .array(
    fc.oneof(
      fc.string({ minLength: 1, maxLength: 6 }),
      fc.constantFrom("$", "${A}", "#", ": ", "'", '"', "\n", " \n", "~", "0440", "no", "*a", "\\"),
    ),
  )
  .map((parts) => parts.join(""))
  .filter((joined) => joined !== "");
const name = fc.stringMatching(/^[a-z][a-z0-9_-]{0,7}[a-z0-9]$/);
const key = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,8}$/);
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const list = <T>(value: fc.Arbitrary<T>) => some(fc.array(value, { minLength: 1, maxLength: 3 }));
/** What the swarm takes; others are refused when the file is read. */
const constraint = fc.stringMatching(
  /^node\.labels\.[a-z][a-z0-9]{1,4}(==|!=)[a-z0-9][a-z0-9:_.*()?+$|/\\^ -]{0,6}$/,
);
const port = fc.integer({ min: 1, max: 65535 });

const args = fc
  .record({
    image: name,
    entrypoint: list(text),
    command: list(text),
    env: some(fc.dictionary(key, text, { minKeys: 1, maxKeys: 4, noNullPrototype: true })),
    user: some(text),
    hostname: some(text),
    stopGracePeriod: some(fc.constantFrom("10s", "1m30s", "1h0m1s")),
    readOnly: some(fc.boolean()),
    replicas: some(fc.integer({ min: 0, max: 9 })),
    cpuLimit: some(fc.integer({ min: 1, max: 400 }).map((share) => share / 100)),
    memoryLimit: some(fc.integer({ min: 8, max: 4096 }).map((half) => half / 2)),
    constraints: list(constraint),
    maxReplicasPerNode: some(fc.integer({ min: 1, max: 9 })),
    ports: some(
      fc.uniqueArray(
        fc.record({
          target: port,
          published: port,
          protocol: fc.constantFrom("tcp", "udp"),
          mode: fc.constantFrom("ingress", "host"),
        }),
        { selector: ({ published }) => published, minLength: 1, maxLength: 3 },
      ),
    ),
    healthCheck: some(
      fc
        .tuple(fc.array(text, { minLength: 1, maxLength: 3 }), some(fc.constantFrom("1s", "1.5s")))
        .map(([words, startInterval]) => withoutUndefined({ test: ["CMD", ...words], startInterval })),
    ),
    logging: some(fc.record({ driver: name })),
    ulimits: some(
      fc.dictionary(
        fc.constantFrom("nofile", "core", "nproc"),
        fc.record({ soft: fc.integer({ min: 1, max: 99 }), hard: fc.constantFrom(-1, 99, 1e6) }),
        { minKeys: 1, noNullPrototype: true },
      ),
    ),
    tty: some(fc.constant(true)),
    stdinOpen: some(fc.constant(true)),
    pidsLimit: some(fc.integer({ min: 1, max: 9999 })),
    seccomp: some(fc.constant("unconfined")),
    apparmor: some(fc.constant("disabled")),
    noNewPrivileges: some(fc.constant(true)),
  })
  .map(withoutUndefined);

const most = fc.integer({ min: 1, max: 99 });
const runs = fc.oneof(fc.record({ completions: some(most) }), fc.constant({ everyNode: true }));
const jobArgs = fc
  .tuple(
    args.map(({ ports: _, replicas: __, ...tasks }) => tasks),
    runs,
    fc.record({ retries: some(most) }),
  )
  .map(([tasks, run, more]) => withoutUndefined({ ...tasks, ...run, ...more }));

/** A port is published once. */
const once = ({
  services,
}: {
  services: Record<string, { ports?: { published: number; protocol: string }[] }>;
}) => {
  const all = Object.values(services).flatMap(({ ports = [] }) =>
    ports.map(({ published, protocol }) => `${published}/${protocol}`),
  );
  return new Set(all).size === all.length;
};

const plan: fc.Arbitrary<StackPlan> = fc
  .record({
    stack: name,
    services: fc.dictionary(name, args, { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
    jobs: fc.dictionary(name, jobArgs, { maxKeys: 2, noNullPrototype: true }),
  })
  .filter(({ services }) => once({ services: services as never }))
  .map(({ stack, services, jobs }) => {
    const labels = { "com.docker.stack.namespace": stack };
    const planned = <T extends { image: string }>(all: Record<string, T>) =>
      Object.fromEntries(
        Object.entries(all).map(([service, more]) => [
          service,
          {
            args: {
              ...more,
              serviceName: `${stack}_${service}`,
              labels: { ...labels, "com.docker.stack.image": more.image },
              containerLabels: labels,
            },
            networks: [{ network: "default", aliases: [service] }],
            secrets: [],
            configs: [],
            dependsOn: [],
          },
        ]),
      );
    const others = Object.entries(jobs).filter(([job]) => !(job in services));
    return {
      name: stack,
      networks: { default: { name: `${stack}_default`, external: false, args: { labels } } },
      secrets: {},
      configs: {},
      services: planned(services),
      jobs: planned(Object.fromEntries(others)),
    };
  });

it("is the same after writing and reading", () => {
  fc.assert(
    fc.property(plan, (one) => {
      const again = load({ yaml: composeText(one), folder: "/nowhere", variables: { A: "variable" } });
      expect(convert(again, "other").plan).toEqual(one);
    }),
    { numRuns: 200 },
  );
});
