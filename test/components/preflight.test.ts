import { Recorder } from "./mocks";

const recorder = new Recorder();
recorder.start();

import { machineStatus } from "../../components/machineStatus";

describe("preflight", () => {
  it("fails with the machine command's own message", async () => {
    recorder.preflightError = "machine my1: port 4000 is in use on this host";
    await expect(machineStatus([{ name: "my1" }])).rejects.toThrow(
      "machine my1: port 4000 is in use on this host",
    );
    recorder.preflightError = undefined;
    await expect(machineStatus([{ name: "my1" }])).resolves.toMatchObject({ my1: { condition: "ok" } });
  });
});
