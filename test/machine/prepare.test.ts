import { prepareMachine } from "../../machine/prepare";
import { writeMachine } from "../../machine/store";
import { record, spec, useTemporaryHome } from "./temporaryHome";

useTemporaryHome();

const asked = { machine: "vm1", machineId: record().machineId, images: [], folder: "/data" };
const error = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "none",
    (thrown: Error) => thrown.message,
  );
const prepare = (more: object = {}): Promise<string> =>
  error(prepareMachine({ ...asked, ...more }, () => undefined));

it("refuses an existing host for what only the nodes may reach, and says what to do", async () => {
  writeMachine(
    record({
      spec: spec({ driver: "generic", host: "10.0.0.5" }),
      host: { sshUser: "root", identity: "/none", os: "Debian", cpus: 1, memory: 512 },
    }),
  );
  expect(await prepare({ nodesOnly: 5000 })).toMatch(
    /"vm1" is an existing host: .*port 5000[\s\S]*firewalled: true/,
  );
  // Then it is asked.
  expect(await prepare()).toBe('machine "vm1" does not answer');
});

it("refuses a machine that is not the one that was made, or is not there", async () => {
  expect(await prepare()).toContain('there is no machine "vm1"');
  writeMachine(record());
  expect(await prepare({ machineId: "another" })).toBe('machine "vm1" is not the one that the program made');
  expect(await prepare()).toBe('machine "vm1" does not answer');
});
