/** What is done inside a guest over one SSH session. */
import type { NodeSSH } from "node-ssh";

export class GuestError extends Error {
  constructor(
    readonly command: string,
    readonly code: number | null,
    readonly output: string,
  ) {
    super(`${command}: exit code ${code}\n${output.trim().split("\n").slice(-10).join("\n")}`);
    this.name = "GuestError";
  }
}

/** Runs a shell command in the guest; rejects with {@link GuestError} unless it exits with 0. */
export async function inGuest(session: NodeSSH, command: string, stdin?: string): Promise<string> {
  const { stdout, stderr, code } = await session.execCommand(command, stdin === undefined ? {} : { stdin });
  if (code !== 0) throw new GuestError(command, code, `${stdout}\n${stderr}`);
  return stdout;
}

/** The code of {@link dockerScript} when Docker is off and does not start. */
export const dockerIsOff = 4;

/**
 * Waits in the guest, as each command over SSH costs an emulated CPU much, for so many seconds. Docker that nothing is about to start, as somebody
 * disabled or stopped it, is enabled and started, twice at most; then it prints why that fails.
 */
const dockerScript = (
  seconds: number,
): string => `as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n -- "$@"; fi; }
is_off() {
  case $(systemctl is-active docker.service 2>/dev/null) in inactive | failed) ;; *) return 1 ;; esac
  [ -z "$(systemctl list-jobs --no-legend 2>/dev/null)" ]
}
end=$(($(date +%s) + ${seconds}))
starts=0
until timeout 60 docker info >/dev/null 2>&1; do
  if is_off; then
    if [ $starts -ge 2 ]; then
      as_root journalctl --no-pager -o cat -n 5 -u docker.service 2>&1
      exit ${dockerIsOff}
    fi
    starts=$((starts + 1))
    for unit in containerd.service docker.socket docker.service; do
      as_root systemctl unmask --quiet $unit
      as_root systemctl enable --quiet $unit
    done >/dev/null 2>&1
    as_root systemctl reset-failed docker.service docker.socket >/dev/null 2>&1
    as_root timeout 50 systemctl start docker.service >/dev/null 2>&1
  fi
  [ "$(date +%s)" -lt $end ] || exit 1
  sleep 0.5
done
[ $starts = 0 ] || echo started
`;

/**
 * Returns when `docker info` works.
 *
 * @param found told if Docker was off and had to be started
 */
export async function waitForDocker(
  session: NodeSSH,
  timeoutMs: number,
  found: (what: string) => void = () => undefined,
): Promise<void> {
  const started = (await inGuest(session, dockerScript(Math.ceil(timeoutMs / 1000)))).trim() !== "";
  if (started) found("its Docker was off, and was started");
}
