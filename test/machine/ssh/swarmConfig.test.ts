import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../../host/tools";
import { clusterFiles } from "../../../machine/paths";
import { writeSwarmConfig } from "../../../machine/ssh/swarmConfig";
import { writeMachine } from "../../../machine/store";
import { keepUnlockKey, readUnlockKey } from "../../../machine/swarm/unlock";
import { record, spec, useTemporaryHome } from "../temporaryHome";

const home = useTemporaryHome();
const ssh = findProgram("ssh") as string;
const path = process.env.PATH;
afterEach(() => {
  process.env.PATH = path;
});

/** Records these machines, managers of the swarm unless they are w1, w2… */
function machines(...names: string[]): void {
  mkdirSync(join(home(), "machines"), { recursive: true });
  names.forEach((name, index) => {
    const network = { ...record().network, address: `127.9.8.${index + 1}` };
    const swarm = { founder: "f", manager: !name.startsWith("w") };
    writeMachine(record({ spec: spec({ name }), network, swarm }));
  });
}

/** What Docker on a manager prints to the probe's question. */
const leads = "true";
const cutOff = "trueThe swarm does not have a leader.";

/** The program that the probes of the configuration start: these machines say that, and it notes whom it was asked about. */
function saying(said: string, ...names: string[]): void {
  const bin = join(home(), "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(
    join(bin, "ssh"),
    `#!/bin/sh\nfor word; do case $word in vm[0-9]) echo "$word" >>'${home()}/asked'; case " ${names.join(" ")} " in *" $word "*) echo '${said}'; exit 0;; esac;; esac; done; exit 255\n`,
  );
  chmodSync(join(bin, "ssh"), 0o755);
  process.env.PATH = `${bin}:${path}`;
}

const answering = (...names: string[]): void => saying(leads, ...names);

/** Where the system's ssh goes when it is told the cluster's name. */
function goesTo(): string {
  const told = execFileSync(ssh, ["-G", "-F", clusterFiles("blue").sshConfig, "blue"], {
    encoding: "utf8",
    env: process.env,
  });
  return ["hostname", "hostkeyalias"]
    .map((key) => new RegExp(`^${key} (.*)$`, "m").exec(told)?.[1] ?? "")
    .join(" ");
}

it("is the first manager that answers; further ones are not asked", async () => {
  machines("vm1", "vm2", "vm3", "w4");
  await writeSwarmConfig("blue");
  answering("vm2", "vm3");
  expect(goesTo()).toBe("127.9.8.2 vm2");
  expect(readFileSync(join(home(), "asked"), "utf8")).toBe("vm1\nvm2\n");
});

it("is none that has no leader", async () => {
  machines("vm1", "vm2", "vm3");
  await writeSwarmConfig("blue");
  saying(cutOff, "vm1");
  const bin = join(home(), "bin", "ssh");
  const text = readFileSync(bin, "utf8");
  writeFileSync(bin, text.replace("exit 255", `case "$*" in *vm2*) echo ${leads}; exit 0;; esac; exit 255`));
  expect(goesTo()).toBe("127.9.8.2 vm2");
});

it("is the first one if none answers, whose error is then the one to see", async () => {
  machines("vm1", "vm2", "vm3");
  await writeSwarmConfig("blue");
  answering();
  expect(goesTo()).toBe("127.9.8.1 vm1");
});

it("asks nobody where there is one manager", async () => {
  machines("vm1", "w2");
  await writeSwarmConfig("blue");
  answering();
  expect(goesTo()).toBe("127.9.8.1 vm1");
  expect(existsSync(join(home(), "asked"))).toBe(false);
});

it("goes with the last machine, and the unlock key too", async () => {
  machines("vm1");
  await writeSwarmConfig("blue");
  keepUnlockKey("blue", "SWMKEY-1-x");
  writeMachine(record({ spec: spec({ name: "vm1", cluster: "red" }) }));
  await writeSwarmConfig("blue");
  expect(existsSync(clusterFiles("blue").sshConfig)).toBe(false);
  expect(readUnlockKey("blue")).toBeUndefined();
});
