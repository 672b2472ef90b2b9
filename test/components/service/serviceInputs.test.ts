import type { ServiceArgs } from "../../../components/service/args";
import { serviceInputs } from "../../../components/service/serviceInputs";

const make = (args: object) => () => serviceInputs("api", { image: "redis:7", ...args } as ServiceArgs);

it.each([
  [{ mode: "daemon" }, /mode: "daemon" must be replicated or global$/],
  [{ mode: "global", replicas: 2 }, /replicas: is not allowed with the mode global/],
  [{ replicas: -1 }, /replicas: -1 must not be negative/],
  [{ replicas: "2" }, /replicas: must be a number, not "2"/],
  [{ ports: [{ target: 80, published: 70000 }] }, /ports\.0\.published: 70000 must be 1 to 65535/],
  [{ ports: [{ target: 80, publish: 1 }] }, /ports\.0: publish is not one of its fields/],
  [{ mounts: [{ type: "bind", target: "/x" }] }, /mounts\.0\.source: must be/],
  [
    { mounts: [{ type: "nfs", target: "/x" }] },
    /mounts\.0\.type: .*must have the type bind, volume or tmpfs/,
  ],
  [
    { mounts: [{ type: "bind", source: "rel", target: "/x" }] },
    /mounts\.0\.source: "rel" must be an absolute path/,
  ],
  [
    { mounts: [{ type: "volume", source: "a b", target: "/x" }] },
    /mounts\.0\.source: the name of a volume must have two or more letters/,
  ],
  [
    { mounts: [{ type: "volume", source: "ab", target: "/" }] },
    /mounts\.0\.target: "\/" must not be the container's root/,
  ],
  [{ workingDir: "app" }, /workingDir: "app" must be an absolute path/],
  [{ cpuLimit: 1e30 }, /cpuLimit: 1e\+30 must be at most 1000000000 \(CPUs\)/],
  [
    { healthCheck: { test: ["NONE"], interval: "500ns" } },
    /healthCheck\.interval: "500ns" must be at least "1ms"/,
  ],
  [{ stopGracePeriod: "10" }, /stopGracePeriod: "10" must be a duration such as/],
  [{ memoryLimit: 1 }, /memoryLimit: 1 must be at least 4 \(MiB\)/],
  [{ healthCheck: { test: ["curl"] } }, /healthCheck\.test: \["curl"\] must be \["CMD", program, …\]/],
  [
    { rollbackConfig: { failureAction: "rollback" } },
    /rollbackConfig\.failureAction: "rollback" must be pause or continue/,
  ],
  [{ envFiles: "a.env" }, /envFiles: must be an array, not "a\.env"/],
  [{ envFiles: ["no.env"] }, /envFiles: no\.env: there is no such file of variables$/],
  [{ ulimits: { files: { soft: 1, hard: 1 } } }, /ulimits\.files: is none of core, cpu/],
  [{ ulimits: { nofile: { soft: 2, hard: 1 } } }, /ulimits\.nofile: .*soft limit above the hard one/],
  [{ ulimits: { nofile: { soft: -1, hard: 9 } } }, /ulimits\.nofile: .*soft limit above the hard one/],
  [{ ulimits: { nofile: 9 } }, /ulimits\.nofile: must be an object, not 9/],
  [{ ulimits: { nofile: { soft: 1 } } }, /ulimits\.nofile\.hard: must be a number, not nothing/],
  [{ tty: "yes" }, /tty: must be a boolean, not "yes"/],
  [{ stdinOpen: 1 }, /stdinOpen: must be a boolean, not 1/],
  [{ pidsLimit: 0 }, /pidsLimit: 0 must be at least 1/],
  [{ pidsLimit: 1.5 }, /pidsLimit: must be a whole number, not 1\.5/],
  [{ seccomp: "off" }, /seccomp: "off" must be "default", "unconfined" or the JSON of a profile/],
  [{ seccomp: "[]" }, /seccomp: "\[\]" must be/],
  [{ apparmor: "unconfined" }, /apparmor: "unconfined" must be default or disabled/],
  [{ noNewPrivileges: "true" }, /noNewPrivileges: must be a boolean, not "true"/],
  [
    { healthCheck: { test: ["NONE"], startInterval: "soon" } },
    /healthCheck\.startInterval: "soon" must be a dur/,
  ],
  [{ image: "" }, /image: "" must not be empty/],
])("refuses %j by the field's name, at once", (args, message) => {
  expect(make(args)).toThrow(message);
  expect(make(args)).toThrow(/^service "api": /);
});

it.each([
  { mounts: [{ type: "volume", source: "data-{{.Task.Slot}}", target: "/x" }] },
  { mounts: [{ type: "volume", source: "host/path", driver: "nfs", target: "/x" }] },
  { mounts: [{ type: "volume", source: "a.b_c-d", target: "/x/../y" }] },
  { healthCheck: { test: ["NONE"], interval: "0s", timeout: "1ms" } },
  // Docker runs these.
  { memoryLimit: 100, memoryReservation: 400, cpuLimit: 0.1, cpuReservation: 0.4 },
])("takes %j, as Docker does", (args) => {
  expect(make(args)).not.toThrow();
});
