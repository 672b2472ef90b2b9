/** Undoes on a host what was done to make it a machine, and nothing else. */
import type { NodeSSH } from "node-ssh";
import type { Progress } from "../../progress";
import type { MachineRecord } from "../../store";
import { asRoot } from "./script";
import { hostFolder } from "./survey";

/**
 * Values: `id` of the machine, `images` that were sent to it. Says a line for a person of each thing that was done or left.
 * Docker goes if its packages came with us, nothing else on the host needs them, and nobody has a container or volume in it.
 */
export const leaveScript = `
folder=${hostFolder}
if [ "$(sed -n 's/^id=//p' $folder/machine 2>/dev/null)" != "$id" ]; then
  echo 'the host is not this machine any more: nothing is changed on it'
  exit 0
fi
uses=0
if command -v docker >/dev/null && timeout 30 docker info >/dev/null 2>&1; then
  if [ "$(docker info --format '{{.Swarm.LocalNodeState}}')" != inactive ]; then
    docker swarm leave --force >&2
    echo 'left the swarm'
  fi
  for image in $images; do docker image rm --force "$image" >/dev/null 2>&1 || true; done
  containers=$(docker ps --all --quiet | wc -l)
  volumes=$(docker volume ls --quiet | wc -l)
  uses=$((containers + volumes))
  kept=$(docker image ls --quiet | wc -l)
else
  # It does not answer: what it has on its disk tells.
  containers=$(ls /var/lib/docker/containers 2>/dev/null | wc -l)
  volumes=$(find /var/lib/docker/volumes -mindepth 1 -maxdepth 1 -type d 2>/dev/null | wc -l)
  uses=$((containers + volumes))
fi
if [ -f $folder/group ]; then
  gpasswd --delete "$(cat $folder/group)" docker >/dev/null 2>&1 || true
fi
if [ ! -s $folder/packages ]; then
  echo 'Docker was there before and stays'
elif [ "$uses" -gt 0 ]; then
  echo "Docker stays: it has $containers containers and $volumes volumes"
else
  packages=$(sort -u $folder/packages)
  if command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    others=$(apt-get -s remove $packages | sed -n 's/^Remv \\([^ ]*\\).*/\\1/p' | sort -u | while read -r one; do
      printf '%s\\n' "$packages" | grep -qxF "$one" || printf '%s ' "$one"
    done)
    if [ -n "$others" ]; then
      echo "Docker stays: $others need it"
    else
      apt-get -q -o DPkg::Lock::Timeout=120 remove -y $packages >&2
      gone=yes
    fi
  elif rpm -e $packages >&2; then
    gone=yes
  else
    echo 'Docker stays: other packages need it'
  fi
  if [ "\${gone:-}" = yes ]; then
    echo 'removed Docker, which was installed for this machine'
    if [ "\${kept:-1}" -eq 0 ]; then rm -rf /var/lib/docker /var/lib/containerd; fi
  fi
fi
rm -rf $folder
`;

export async function leaveHost(session: NodeSSH, machine: MachineRecord, progress: Progress): Promise<void> {
  const values = { id: machine.machineId, images: machine.images.join(" ") };
  const said = await asRoot(session, machine.host?.sshUser ?? "root", leaveScript, values);
  for (const line of said.split("\n").filter((one) => one !== "")) progress(line);
}
