/** `security_opt` of a service, as `docker run --security-opt` has it: with a colon or an equals sign. */
import type { Conversion } from "./conversion";
import type { PlannedTaskArgs } from "./plan";
import type { Service } from "./schema/service";

type Security = Pick<PlannedTaskArgs, "seccomp" | "apparmor" | "noNewPrivileges">;

export function securityOptions(
  conversion: Conversion,
  path: readonly PropertyKey[],
  service: Service,
): Security {
  const found: Security = {};
  for (const [index, option] of (service.security_opt ?? []).entries()) {
    const [, name = option, value] = /^([^:=]+)[:=](.*)$/s.exec(option) ?? [];
    const ignored = (why: string): void =>
      conversion.warn([...path, "security_opt", index], `${option} is ignored: ${why}`);
    if (name === "no-new-privileges") found.noNewPrivileges = (value ?? "true") === "true" || undefined;
    else if (name === "seccomp" && value === "unconfined") found.seccomp = value;
    else if (name === "seccomp" && value === "builtin") found.seccomp = undefined;
    else if (name === "seccomp")
      ignored("nodes are not given files of profiles; SwarmService takes the text of one as `seccomp`");
    else if (name === "apparmor" && value === "unconfined") found.apparmor = "disabled";
    else if (name === "apparmor" && value === "docker-default") found.apparmor = undefined;
    else if (name === "apparmor")
      ignored("services have Docker's own profile, or with apparmor:unconfined none");
    else ignored("swarm has nothing of the kind: set the Docker daemons of the nodes up so");
  }
  return found;
}
