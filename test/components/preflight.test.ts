import { Recorder } from "./mocks";

const recorder = new Recorder();
recorder.start();

import { machineCondition } from "../../components/machineCondition";

describe("preflight", () => {
  it("fails with the machine command's own message", async () => {
    recorder.preflightError = "machine my1: port 4000 is in use on this host";
    await expect(machineCondition([{ name: "my1" }])).rejects.toThrow(
      "machine my1: port 4000 is in use on this host",
    );
    recorder.preflightError = undefined;
    await expect(machineCondition([{ name: "my1" }])).resolves.toEqual({ my1: "ok" });
  });
});
