import { readDockerState } from "../../../cli/machine/docker";

const unknown = { diskSize: null, diskFree: null, memoryFree: null };

it.each([
  ["docker 26.1.5+dfsg1 active true\n", { docker: "26.1.5+dfsg1", swarm: "manager", error: "" }],
  ["docker 26.1.5 active false\n", { docker: "26.1.5", swarm: "worker", error: "" }],
  ["docker 26.1.5 inactive false\n", { docker: "26.1.5", swarm: "", error: "" }],
  ["docker   false\n", { docker: "", swarm: "", error: "its Docker does not answer" }],
  ["docker 26.1.5 locked false\n", { docker: "26.1.5", swarm: "locked", error: "" }],
])("reads %j", (answer, state) => {
  expect(readDockerState(answer)).toEqual({ ...state, ...unknown });
});

it("tells a full disk beside what Docker says, or does not", () => {
  const full =
    "disk 4096 2559319 110000 100000 655360 600000\nMemTotal: 481960 kB\nMemAvailable: 380928 kB\n";
  const free = { diskSize: 9958, diskFree: 391, memoryFree: 372 };
  const shortage = "its disk is nearly full: 391 MiB of 9.7 GiB are free";
  expect(readDockerState(`${full}docker 26.1.5 active true\n`)).toEqual({
    ...free,
    docker: "26.1.5",
    swarm: "manager",
    error: shortage,
  });
  expect(readDockerState(full).error).toBe(`its Docker does not answer; ${shortage}`);
});

it.each([
  ["rpc error: code = Unknown desc = The swarm does not have a leader.", "the swarm has no leader there"],
  ['x509: certificate has expired: \\"now\\"', "the certificates of the swarm have expired"],
  ["something else", "something else"],
  ["", ""],
])("says what keeps a machine from its swarm: %s", (said, error) => {
  expect(readDockerState(`docker 26.1.5 active true\nswarm "${said}"\n`)).toMatchObject({
    swarm: "manager",
    error,
  });
});
