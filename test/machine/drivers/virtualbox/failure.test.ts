import { RunError } from "../../../../host/run";
import { failureOf, isPassing, parseFailure } from "../../../../machine/drivers/virtualbox/failure";
import { manage } from "../../../../machine/drivers/virtualbox/manage";

const notFound = `VBoxManage: error: Could not find a registered machine with UUID {3f0f5f3c-9c0c-4d57-8f5c-0f6a3a1f3a11}
VBoxManage: error: Details: code VBOX_E_OBJECT_NOT_FOUND (0x80bb0001), component VirtualBoxWrap, interface IVirtualBox, callee nsISupports
VBoxManage: error: Context: "FindMachine(Bstr(VMNameOrUuid).raw(), machine.asOutParam())" at line 3139 of file VBoxManageInfo.cpp
`;
const locked = `VBoxManage: error: The machine 'blue-vm1' is already locked for a session (or being unlocked)
VBoxManage: error: Details: code VBOX_E_INVALID_OBJECT_STATE (0x80bb0007), component MachineWrap, interface IMachine, callee nsISupports
`;
const svmOff = `VBoxManage: error: AMD-V is disabled in the BIOS (or by the host OS) (VERR_SVM_DISABLED)
VBoxManage: error: Details: code NS_ERROR_FAILURE (0x80004005), component ConsoleWrap, interface IConsole
`;

const failed = (stderr: string): RunError => new RunError("VBoxManage", [], 1, "", stderr, "exit code 1");

it("takes code, causes and words from what VBoxManage prints", () => {
  expect(parseFailure(notFound)).toEqual({
    code: "VBOX_E_OBJECT_NOT_FOUND",
    causes: [],
    text: "Could not find a registered machine with UUID {3f0f5f3c-9c0c-4d57-8f5c-0f6a3a1f3a11}",
  });
  expect(parseFailure(svmOff).causes).toEqual(["VERR_SVM_DISABLED"]);
});

it("keeps words that have no form", () => {
  expect(parseFailure("Segmentation fault\n").text).toBe("Segmentation fault");
});

it("knows what passes by itself from what does not", () => {
  expect([locked, notFound, svmOff].map((text) => isPassing(failureOf(failed(text))))).toEqual([
    true,
    false,
    false,
  ]);
});

/** Answers in turn; counts the calls and what was waited. */
function scripted(...answers: (string | RunError)[]) {
  const waited: number[] = [];
  let calls = 0;
  const call = async (): Promise<string> => {
    const answer = answers[Math.min(calls++, answers.length - 1)] ?? "";
    if (typeof answer === "string") return answer;
    throw answer;
  };
  return { call, pause: async (ms: number) => waited.push(ms), waited, calls: () => calls };
}

it("tries again, later each time, while a machine is locked", async () => {
  const attempt = scripted(failed(locked), failed(locked), "fine");
  await expect(manage(["modifyvm", "x"], attempt)).resolves.toBe("fine");
  expect(attempt.waited).toEqual([200, 400]);
});

it("gives up in the end, with VirtualBox's own words", async () => {
  const attempt = scripted(failed(locked));
  await expect(manage(["modifyvm", "x"], attempt)).rejects.toThrow(
    "VBoxManage modifyvm x: The machine 'blue-vm1' is already locked for a session (or being unlocked)",
  );
  expect(attempt.calls()).toBe(8);
});

it("does not try again what cannot pass", async () => {
  const attempt = scripted(failed(svmOff));
  await expect(manage(["startvm", "x"], attempt)).rejects.toThrow("AMD-V is disabled");
  expect(attempt.calls()).toBe(1);
});
