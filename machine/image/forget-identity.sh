# Runs in the node that becomes the golden image, as the last thing: nothing of this one node may be in its clones.
set -eu
systemctl stop docker.socket docker.service containerd.service
rm -rf /var/lib/docker/engine-id /var/lib/docker/swarm /var/lib/docker/network/files /var/lib/docker/tmp \
  /var/lib/docker/runtimes /var/lib/systemd/random-seed /var/lib/vmcluster /root/.ssh /root/.docker /etc/ssh/ssh_host_* \
  /etc/hostname
: >/etc/machine-id
printf '127.0.0.1\tlocalhost vmcluster.internal\n::1\tlocalhost\n' >/etc/hosts
find /var/log /tmp /var/tmp -mindepth 1 -delete
fstrim / || true
sync
