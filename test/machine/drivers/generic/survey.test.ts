import { asUser, scriptText } from "../../../../machine/drivers/generic/script";
import { lookAtHost, readDockerView, readHostView } from "../../../../machine/drivers/generic/survey";
import { localSession } from "./localSession";

it("gives scripts their values as they are", async () => {
  const value = 'it\'s $HOME; `id` "x"\n$(date)';
  expect(await asUser(localSession(), "printf '%s' \"$value\"", { value })).toBe(value);
});

it("keeps what a script runs from reading the rest of it", async () => {
  expect(await asUser(localSession(), "cat >/dev/null\necho still")).toBe("still");
  expect(scriptText("true", { name: "a b" })).toContain("name='a b'\n");
});

it("sees this host", async () => {
  const view = await lookAtHost(localSession());
  expect(view.cpus).toBeGreaterThan(0);
  expect(view.memory).toBeGreaterThan(100);
  expect(view.boot).toMatch(/^[0-9a-f-]{36}$/);
  expect(view.arch).not.toBe("");
});

it("reads what hosts say", () => {
  const said = [
    "os\tubuntu debian",
    "osName\tUbuntu 24.04 LTS",
    "arch\taarch64",
    "cpus\t4",
    "memory\t7812",
    "boot\tb00t",
    "addresses\t10.0.0.5 192.168.1.5 ",
    "routed\t10.0.0.5",
    "reached\t192.168.1.5",
    "root\tyes",
  ].join("\n");
  expect(readHostView(said)).toEqual({
    os: ["ubuntu", "debian"],
    osName: "Ubuntu 24.04 LTS",
    arch: "aarch64",
    cpus: 4,
    memory: 7812,
    boot: "b00t",
    addresses: ["10.0.0.5", "192.168.1.5"],
    reached: "192.168.1.5",
    routed: "10.0.0.5",
    root: true,
  });
  expect(readHostView("reached\t203.0.113.9\n").reached).toBe("");
  expect(readDockerView("program\tDocker version 26\nswarm\tactive")).toMatchObject({
    program: "Docker version 26",
    engine: "",
    swarm: "active",
    machineId: "",
  });
});
