#!/bin/sh
# Runs inside the new root file system (chroot) at the end of its build: configuration, trims, kernel and initrd.
# Every trim is a thing a container node does not need; those that only pay under emulation are on QEMU's
# kernel command line instead (machine/drivers/qemu/arguments.ts).
set -eu
here=/vmcluster-build

cp -r --no-preserve=ownership "$here/rootfs/." /
chmod 0755 /etc /etc/systemd /etc/docker
rm -f /etc/hostname /etc/machine-id /etc/ssh/ssh_host_* /etc/fstab
: >/etc/machine-id
printf '127.0.0.1\tlocalhost vmcluster.internal\n::1\tlocalhost\n' >/etc/hosts
echo 'nameserver 10.0.2.3' >/etc/resolv.conf

# nft takes Docker twice as long to start on a slow CPU.
update-alternatives --set iptables /usr/sbin/iptables-legacy >/dev/null
update-alternatives --set ip6tables /usr/sbin/ip6tables-legacy >/dev/null

# There is no udev (disks and links are found by /init of the initrd), so what waits for its devices would wait for ever.
mask() { for unit; do ln -sf /dev/null "/etc/systemd/system/$unit"; done; }
mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
  systemd-tmpfiles-clean.timer getty.target getty@tty1.service getty-static.service sshd-keygen.service \
  systemd-logind.service systemd-user-sessions.service systemd-firstboot.service systemd-machine-id-commit.service \
  systemd-hibernate-clear.service systemd-journal-catalog-update.service systemd-update-done.service \
  systemd-pcrmachine.service systemd-pcrphase.service systemd-pcrphase-sysinit.service systemd-tpm2-setup.service \
  systemd-tpm2-setup-early.service systemd-pstore.service systemd-sysusers.service ldconfig.service \
  systemd-binfmt.service proc-sys-fs-binfmt_misc.automount sys-kernel-debug.mount sys-kernel-tracing.mount \
  sys-kernel-config.mount sys-fs-fuse-connections.mount dev-hugepages.mount systemd-modules-load.service \
  systemd-ask-password-wall.path systemd-ask-password-console.path systemd-initctl.socket systemd-creds.socket \
  systemd-hostnamed.socket systemd-pcrextend.socket systemd-pcrlock.socket systemd-sysext.socket \
  systemd-journal-flush.service systemd-remount-fs.service kmod-static-nodes.service \
  systemd-tmpfiles-setup-dev-early.service systemd-tmpfiles-setup-dev.service systemd-random-seed.service run-lock.mount dev-mqueue.mount \
  systemd-networkd-wait-online.service apparmor.service
mkdir -p /etc/systemd/system-generators
for generator in /usr/lib/systemd/system-generators/*; do
  ln -sf /dev/null "/etc/systemd/system-generators/${generator##*/}"
done
ln -sf /usr/lib/systemd/system/multi-user.target /etc/systemd/system/default.target

# Unpacks the modules that a node loads, so that the emulated CPU need not; depmod then knows them by their new names.
kernel=$(ls /lib/modules)
for module in $(cat "$here/modules"); do
  modprobe --set-version "$kernel" --show-depends "$module"
done | sed -n 's/^insmod \([^ ]*\.ko\.xz\).*/\1/p' | sort -u | xargs --no-run-if-empty xz -d
depmod "$kernel"

# The initrd: busybox, the modules of disk, network and seed in the order of their dependencies, and /init.
initrd=$(mktemp -d)
mkdir -p "$initrd/bin" "$initrd/modules" "$initrd/proc" "$initrd/sys" "$initrd/dev" "$initrd/root" "$initrd/seed"
cp /usr/bin/busybox "$initrd/bin/busybox"
for applet in awk cat chroot echo findfs grep insmod ip mkdir mknod mount poweroff sed sh sleep switch_root tr umount; do
  ln -s busybox "$initrd/bin/$applet"
done
# virtio_scsi, sd_mod and sr_mod are for VirtualBox, which has no virtio_blk.
for module in virtio_blk virtio_scsi sd_mod sr_mod virtio_net isofs; do
  modprobe --set-version "$kernel" --show-depends "$module"
done | sed -n 's/^insmod \([^ ]*\).*/\1/p' | busybox awk '!seen[$0]++' | while read -r file; do
  cp -n "$file" "$initrd/modules/"
  echo "${file##*/}"
done >"$initrd/modules/order"
install -m 0755 "$here/initrd-init" "$initrd/init"
cp "$here/initrd-seed.sh" "$initrd/seed.sh"
(cd "$initrd" && find . | LC_ALL=C sort | cpio --quiet -o -H newc -R 0:0) >/boot/vmcluster-initrd
rm -rf "$initrd"
cp "/boot/vmlinuz-$kernel" /boot/vmcluster-vmlinuz

rm -rf "$here" /boot/initrd.img-* /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/* /usr/share/lintian /usr/share/bug
mkdir -p /var/log/journal && rmdir /var/log/journal
