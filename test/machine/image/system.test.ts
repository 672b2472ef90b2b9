import { RunError } from "../../../host/run";
import { buildError, requireBuildTools } from "../../../machine/image/system";

it("does not build an image that no machine could start on a host with another kind of CPU", () => {
  const arch = Object.getOwnPropertyDescriptor(process, "arch") as PropertyDescriptor;
  Object.defineProperty(process, "arch", { ...arch, value: "arm64" });
  try {
    expect(requireBuildTools).toThrow(/^the node image cannot be built on arm64\n/);
  } finally {
    Object.defineProperty(process, "arch", arch);
  }
});

it.each([
  [
    "W: no entry in /etc/subuid for ada\nE: failed to parse /etc/subuid and /etc/subgid",
    /usermod --add-subuids/,
  ],
  ["E: Could not resolve 'deb.debian.invalid'", /mirror cannot be reached/],
  ["E: odd", /try again; if it fails in the same way/],
])("tells what can be done when a build ends with %j", (stderr, remedy) => {
  const error = new RunError("mmdebstrap", [], 1, "", stderr, "exit code 1");
  expect(buildError("mmdebstrap", "trixie", error).remedy).toMatch(remedy);
});
