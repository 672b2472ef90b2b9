/** Turns what VirtualBox says when a machine does not start into what a user can do about it. */
import { UserError } from "../../../host/userError";
import type { Failure } from "./failure";

interface Explanation {
  readonly causes: readonly string[];
  readonly why: string;
  readonly remedy: string;
}

/** How the kernel driver is loaded on Linux. */
export const loadDriver =
  "sudo modprobe vboxdrv; if there is no such module, install the kernel's headers and run sudo /sbin/vboxconfig (Debian: sudo dpkg-reconfigure virtualbox-dkms)";

const driverRemedy = `Linux: ${loadDriver}. macOS: allow the system extension in Privacy & Security`;

const explanations: readonly Explanation[] = [
  {
    causes: [
      "VERR_VM_DRIVER_NOT_INSTALLED",
      "VERR_VM_DRIVER_LOAD_ERROR",
      "VERR_VM_DRIVER_OPEN_ERROR",
      "VERR_VM_DRIVER_NOT_ACCESSIBLE",
      "VERR_VM_DRIVER_VERSION_MISMATCH",
    ],
    why: "VirtualBox's kernel driver is not loaded, or of another version",
    remedy: driverRemedy,
  },
  {
    causes: ["VERR_VMX_IN_VMX_ROOT_MODE", "VERR_SVM_IN_USE"],
    why: "another hypervisor on this host has the CPU's virtualisation (KVM, VMware, …)",
    remedy:
      "stop its virtual machines; if it is KVM, unload it: sudo modprobe -r kvm_intel kvm_amd kvm. Or use the qemu driver, which shares it",
  },
  {
    causes: [
      "VERR_VMX_MSR_ALL_VMX_DISABLED",
      "VERR_VMX_MSR_VMX_DISABLED",
      "VERR_VMX_MSR_SMX_VMX_DISABLED",
      "VERR_SVM_DISABLED",
    ],
    why: "the CPU can do virtualisation (VT-x, AMD-V), but the firmware has switched it off",
    remedy: "switch it on in the firmware's setup (VT-x, SVM), then switch the computer off and on",
  },
  {
    causes: ["VERR_VMX_NO_VMX", "VERR_SVM_NO_SVM"],
    why: "the CPU has no hardware virtualisation (VT-x, AMD-V), or this host is itself a virtual machine without nested virtualisation",
    remedy:
      "switch nested virtualisation on in the hypervisor below, or use the qemu driver, which can emulate",
  },
  {
    causes: ["VERR_NEM_NOT_AVAILABLE", "VERR_NEM_VM_CREATE_FAILED", "VERR_NEM_MISSING_KERNEL_API"],
    why: "Hyper-V has the CPU's virtualisation and does not share it",
    remedy: "switch Hyper-V and the Virtual Machine Platform off in Windows Features, or update VirtualBox",
  },
  {
    causes: ["VERR_INTNET_FLT_IF_NOT_FOUND"],
    why: "the host-only network is there, but the system does not show it to VirtualBox",
    remedy:
      "load its driver (Linux: sudo modprobe vboxnetflt vboxnetadp), or make VirtualBox anew know it: restart the computer",
  },
  {
    causes: ["VERR_DISK_FULL"],
    why: "the disk of this host is full",
    remedy: "free some space, or set VMCLUSTER_HOME to a larger disk",
  },
  {
    causes: ["VERR_NO_MEMORY", "VERR_EM_NO_MEMORY", "VERR_NO_PHYS_MEMORY", "VERR_GMM_HIT_GLOBAL_LIMIT"],
    why: "this host has not enough free memory for it",
    remedy: "end other programs or machines, or give the machine less memory",
  },
];

/** The message for a machine that does not start; VirtualBox's own words where we know no better. */
export function startError(name: string, failure: Failure): UserError {
  const known = explanations.find(({ causes }) => causes.some((cause) => failure.causes.includes(cause)));
  const words = failure.text.split("\n").slice(0, 3).join("\n  ");
  return new UserError(
    `machine "${name}": VirtualBox did not start it`,
    known === undefined ? words : `${known.why} (${failure.causes.join(", ")})`,
    known?.remedy,
  );
}
