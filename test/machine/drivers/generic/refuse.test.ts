import {
  advertised,
  checkHost,
  checkUser,
  familyOf,
  mustLeaveSwarm,
} from "../../../../machine/drivers/generic/refuse";
import { readDockerView, readHostView } from "../../../../machine/drivers/generic/survey";
import { checkSpec } from "../../../../machine/readSpec";
import { message } from "../../../refusal";
import { record } from "../../temporaryHome";

const given = { name: "h1", cluster: "blue", driver: "generic", host: "10.0.0.5" };
const spec = checkSpec(given);
const view = {
  ...readHostView("os\tdebian\nosName\tDebian 13\narch\tx86_64\nroot\tyes"),
  addresses: ["10.0.0.5", "192.168.1.5"],
  reached: "10.0.0.5",
  routed: "192.168.1.5",
};
const docker = readDockerView("");

it.each([
  [["debian"], "debian"],
  [["ubuntu", "debian"], "debian"],
  [["raspbian", "debian"], "debian"],
  [["fedora"], "fedora"],
  [["rocky", "rhel", "centos", "fedora"], "fedora"],
  [["alpine"], undefined],
])("knows where %j has its packages from", (os, family) => {
  expect(familyOf(os)).toBe(family);
});

it("takes a fit host, with or without Docker", () => {
  checkUser(spec, "root", view);
  checkHost(spec, "id", view, docker, "x86_64");
  checkHost(spec, "id", view, { ...docker, program: "Docker version 26", machineId: "id" }, "x86_64");
});

it("refuses a user who cannot become root", () => {
  expect(message(() => checkUser(spec, "bob", { ...view, root: false }))).toMatch(
    /machine "h1": sshUser: "bob" .*10\.0\.0\.5[\s\S]*password[\s\S]*sudoers/,
  );
});

it("refuses another vmcluster's host, naming it", () => {
  const taken = { ...docker, machineId: "other", claimedBy: 'machine "x" of ada@desk' };
  expect(message(() => checkHost(spec, "id", view, taken))).toMatch(
    /another vmcluster machine[\s\S]*"x" of ada@desk/,
  );
});

it("refuses Podman, and systems it cannot install Docker on", () => {
  expect(message(() => checkHost(spec, "id", view, { ...docker, program: "podman version 5" }))).toMatch(
    /Podman/,
  );
  expect(
    message(() => checkHost(spec, "id", { ...view, os: ["alpine"], osName: "Alpine Linux" }, docker)),
  ).toMatch(/no Docker[\s\S]*Alpine Linux[\s\S]*install Docker/);
});

it("refuses service images for another processor", () => {
  const wants = checkSpec({ ...given, images: ["vmcluster.internal/web:1"] });
  expect(message(() => checkHost(wants, "id", { ...view, arch: "aarch64" }, docker, "x86_64"))).toMatch(
    /images: "vmcluster\.internal\/web:1".*x86_64[\s\S]*aarch64/,
  );
});

it("refuses a host that is in another swarm, unless it may leave it", () => {
  const member = { ...docker, swarm: "active", swarmAt: "10.9.9.9:2377" };
  expect(message(() => mustLeaveSwarm(spec, false, member))).toMatch(
    /another swarm[\s\S]*10\.9\.9\.9:2377[\s\S]*leaveSwarm/,
  );
  expect(mustLeaveSwarm({ ...spec, leaveSwarm: true }, false, member)).toBe(true);
  expect(mustLeaveSwarm(spec, true, member)).toBe(false);
  expect(mustLeaveSwarm(spec, false, { ...docker, swarm: "inactive" })).toBe(false);
});

it("advertises the address at which the host was reached, else that of its default route", () => {
  expect(advertised(spec, view, [])).toBe("10.0.0.5");
  expect(advertised(spec, { ...view, reached: "" }, [])).toBe("192.168.1.5");
  expect(advertised({ ...spec, privateAddress: "192.168.1.5" }, view, [])).toBe("192.168.1.5");
});

it("refuses an address that is not the host's, or another machine's", () => {
  expect(message(() => advertised({ ...spec, privateAddress: "10.7.7.7" }, view, []))).toMatch(
    /privateAddress: "10\.7\.7\.7"[\s\S]*10\.0\.0\.5, 192\.168\.1\.5/,
  );
  const other = record();
  const same = { ...other, network: { ...other.network, privateAddress: "10.0.0.5" } };
  expect(message(() => advertised(spec, view, [same]))).toMatch(/10\.0\.0\.5 is that of machine "vm1"/);
});
