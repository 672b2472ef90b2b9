// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of compose files are written so
/** What is in a state, as a compose file. */
import { parse } from "yaml";
import { planOfState } from "../../../cli/compose/exportPlan";
import { composeText } from "../../../components/compose/write";

/** A secret, as a state that is shown with its secrets has it. */
const hush = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});

const resource = (type: string, id: string, inputs: object) => ({ custom: true, type, id, inputs });

const service = (name: string, containerSpec: object, task: object = {}, more: object = {}) =>
  resource("docker:index/service:Service", name, {
    name,
    taskSpec: { containerSpec: { image: "web:1", ...containerSpec }, ...task },
    ...more,
  });

function exported(...resources: object[]) {
  const { plan, notes } = planOfState({ resources });
  const text = composeText(plan);
  return { text, file: parse(text), notes };
}

const labels = [{ label: "com.docker.stack.namespace", value: "shop" }];

it("writes no secret: variables stand for them, and configs become external", () => {
  const { text, file, notes } = exported(
    resource("docker:index/network:Network", "net1", {
      name: "shop_back",
      options: hush({ encrypted: "", "a.b": "hush-network" }),
      labels: [...labels, { label: "l", value: hush("hush-net-label") }],
    }),
    resource("docker:index/serviceConfig:ServiceConfig", "page1", {
      name: "shop_page-0123456789ab",
      data: hush(Buffer.from("hush-page").toString("base64")),
    }),
    service(
      "shop_web",
      {
        env: { TOKEN: hush("hush-env") },
        labels: hush([...labels, { label: "a.b", value: "hush-container" }]),
        sysctl: hush({ "net.a": "hush-sysctl" }),
        mounts: [
          {
            type: "volume",
            target: "/data",
            source: "shop_data",
            volumeOptions: {
              driverName: "local",
              driverOptions: { type: "cifs", o: hush("hush-cifs") },
              labels: hush([...labels, { label: "l", value: "hush-volume" }]),
            },
          },
        ],
        configs: [{ configId: "page1", configName: "shop_page-0123456789ab", fileName: "/page" }],
      },
      { networksAdvanceds: [{ id: "net1", aliases: ["web"] }] },
      { labels: hush([...labels, { label: "2.users", value: "hush-label" }]) },
    ),
  );
  expect(text).not.toContain("hush");
  expect(text).not.toContain(Buffer.from("hush-page").toString("base64"));
  expect(file).toMatchObject({
    name: "shop",
    services: {
      web: {
        environment: { TOKEN: "${TOKEN:?}" },
        labels: { "a.b": "${shop_web_container_label_a_b:?}" },
        sysctls: { "net.a": "${shop_web_sysctl_net_a:?}" },
        deploy: { labels: { "2.users": "${shop_web_label_2_users:?}" } },
        configs: [{ source: "page", target: "/page" }],
      },
    },
    networks: {
      back: {
        driver_opts: { encrypted: "", "a.b": "${shop_back_option_a_b:?}" },
        labels: { l: "${shop_back_label_l:?}" },
      },
    },
    volumes: {
      data: {
        driver: "local",
        driver_opts: { type: "cifs", o: "${shop_web_volume_o:?}" },
        labels: { l: "${shop_web_volume_label_l:?}" },
      },
    },
    configs: { page: { name: "shop_page-0123456789ab", external: true } },
  });
  expect(notes).toEqual([
    "services.web: secrets are variables in the file: shop_web_label_2_users, TOKEN, shop_web_sysctl_net_a, shop_web_container_label_a_b, shop_web_volume_label_l, shop_web_volume_o",
    "networks.back: secrets are variables in the file: shop_back_option_a_b, shop_back_label_l",
    "configs are external in the file where their contents are secrets: page",
  ]);
});

it("takes one variable for one secret, and another for another of the same name", () => {
  const { file } = exported(
    ...[
      ["a", "one"],
      ["b", "two"],
      ["2c", "one"],
      ["d", "two"],
    ].map(([name = "", text]) => service(name, { env: { KEY: hush(text) }, args: [hush(name)] })),
    service("e", { env: { "k.1": hush("one"), k_1: hush("two"), "e_k.1": hush("three") } }),
  );
  expect(file.services).toMatchObject({
    a: { environment: { KEY: "${KEY:?}" }, command: ["${a_command_0:?}"] },
    b: { environment: { KEY: "${b_KEY:?}" } },
    "2c": { environment: { KEY: "${KEY:?}" }, command: ["${_2c_command_0:?}"] },
    d: { environment: { KEY: "${d_KEY:?}" } },
    e: { environment: { "k.1": "${k_1:?}", k_1: "${e_k_1:?}", "e_k.1": "${e_e_k_1:?}" } },
  });
});

it("names a variable once that stands in two places", () => {
  const mount = (target: string) => ({
    type: "volume",
    target,
    source: "data",
    volumeOptions: { driverOptions: { o: hush("one") } },
  });
  const { notes } = exported(service("a", { mounts: [mount("/b"), mount("/c")] }));
  expect(notes).toEqual(["services.a: secrets are variables in the file: a_volume_o"]);
});

it("keeps the options of a network's addresses", () => {
  const { file } = exported(
    resource("docker:index/network:Network", "net1", { name: "shop_back", ipamOptions: { foo: "bar" } }),
    service("shop_web", {}, { networksAdvanceds: [{ id: "net1" }] }, { labels }),
  );
  expect(file.networks.back.ipam).toEqual({ options: { foo: "bar" } });
});

it("keeps how a volume is made, also where another service only names it", () => {
  const nfs = {
    type: "volume",
    target: "/data",
    source: "data",
    volumeOptions: { driverName: "local", driverOptions: { type: "nfs" } },
  };
  const { file } = exported(
    service("a", { mounts: [{ type: "volume", target: "/old", source: "old" }] }),
    service("b", { mounts: [nfs] }),
    service("c", { mounts: [{ type: "volume", target: "/data", source: "data" }] }),
  );
  expect(file.volumes).toEqual({
    old: { name: "old", external: true },
    data: { name: "data", driver: "local", driver_opts: { type: "nfs" } },
  });
});
