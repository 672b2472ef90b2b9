import { errorText } from "../../cli/fail";

it("tells what the host refuses as that", () => {
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), {
    code: "ENOSPC",
    syscall: "write",
  });
  expect(errorText(full)).toBe(
    "error: ENOSPC: no space left on device, write\n  the disk is full: free some space, then try again",
  );
  const denied = Object.assign(new Error("EACCES: permission denied, open '/x'"), {
    code: "EACCES",
    syscall: "open",
  });
  expect(errorText(denied)).toMatch(/^error: EACCES: .*\n {2}your user may not: .* sudo\?$/);
});

it("tells anything else as a bug, with all there is", () => {
  expect(errorText(new Error("odd"))).toMatch(/\n {4}at [\s\S]*This is a bug in vmcluster/);
});
