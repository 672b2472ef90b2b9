/** Volumes of services as mounts. */
import { warningText } from "../../../components/compose/place";
import { composeText } from "../../../components/compose/write";
import { service } from "./converted";

const stack = { "com.docker.stack.namespace": "shop" };

it.each([
  ["tmpfs: /run:uid=1000,size=1m", /:4: services\.web\.tmpfs\.0: uid=1000 is ignored: the Docker provider/],
  ["tmpfs: ['/run:exec']", /:4: services\.web\.tmpfs\.0: exec is ignored/],
  [
    "volumes: [{ type: bind, source: /a, target: /b, consistency: cached }]",
    /:4: services\.web\.volumes\.0: consistency is ignored: it is about Docker on other systems/,
  ],
  ["volumes: ['/a:/b:ro,delegated']", /:4: .*consistency is ignored/],
  ["volumes: ['/a:/b:rslave,Z']", /:4: .*selinux is ignored: swarm labels no files/],
  [
    "volumes: [{ type: bind, source: /a, target: /b, bind: { recursive: disabled } }]",
    /:4: .*bind\.recursive is ignored: the Docker provider/,
  ],
  [
    "volumes: [{ type: bind, source: /a, target: /b, bind: { create_host_path: true } }]",
    /:4: .*bind\.create_host_path is ignored: swarm makes no folders on nodes/,
  ],
])("warns of %j by its line", (text, message) => {
  expect(service(text).warnings.map(warningText)).toEqual([expect.stringMatching(message)]);
});

it("warns of labels of a volume that is there", () => {
  const { warnings } = service(
    "volumes: [{ type: volume, source: data, target: /d, volume: { labels: { a: b } } }]",
    "volumes: { data: { external: true } }",
  );
  expect(warnings.map(warningText)).toEqual([
    expect.stringMatching(/:4: .*volume\.labels are ignored: .*external/),
  ]);
});

it.each([
  "tmpfs: /run:rw,noexec,nosuid,nodev",
  "volumes: ['/a:/b:rw']",
  "volumes: [{ type: bind, source: /a, target: /b, bind: { recursive: enabled, create_host_path: false } }]",
])("says nothing of what is so anyway: %s", (text) => expect(service(text).warnings).toEqual([]));

it("keeps options of mounts beside each other", () => {
  expect(
    service("tmpfs: /run:ro,size=1m\nvolumes: ['/a:/b:z,rslave,ro']").plan.services.web?.args.mounts,
  ).toEqual([
    { type: "bind", source: "/a", target: "/b", readOnly: true, propagation: "rslave" },
    { type: "tmpfs", target: "/run", readOnly: true, size: 1 },
  ]);
});

it("gives volumes the labels of the mount, also those without a name, and writes them", () => {
  const { plan } = service(
    `volumes:
  - { type: volume, source: data, target: /d, volume: { labels: [a=mount, b=mount] } }
  - { type: volume, source: "", target: /e, volume: { labels: { c: mount } } }`,
    "volumes: { data: { labels: { a: volume, z: volume } } }",
  );
  expect(plan.services.web?.args.mounts).toEqual([
    {
      type: "volume",
      source: "shop_data",
      target: "/d",
      labels: { ...stack, a: "mount", b: "mount", z: "volume" },
    },
    { type: "volume", target: "/e", labels: { c: "mount" } },
  ]);
  expect(composeText(plan)).toMatch(/target: \/e\n +volume:\n +labels:\n +c: mount\n/);
});
