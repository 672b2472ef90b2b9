import { readDockerState } from "../../../cli/machine/docker";

it.each([
  ["26.1.5+dfsg1 active true\n", { docker: "26.1.5+dfsg1", swarm: "manager", error: "" }],
  ["26.1.5 active false\n", { docker: "26.1.5", swarm: "worker", error: "" }],
  ["26.1.5 inactive false\n", { docker: "26.1.5", swarm: "", error: "" }],
  ["  false\n", { docker: "", swarm: "", error: "its Docker does not answer" }],
  ["26.1.5 locked false\n", { docker: "26.1.5", swarm: "locked", error: "" }],
])("reads %j", (answer, state) => {
  expect(readDockerState(answer)).toEqual(state);
});
