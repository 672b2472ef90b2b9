#!/bin/sh
# Turns the unpacked packages into a host that boots under the emulator and answers SSH: customize.sh ROOT PUBLIC_KEY.
set -eu
root=$1
echo vboxhost >"$root/etc/hostname"
printf '127.0.0.1 localhost vboxhost\n' >"$root/etc/hosts"
rm -f "$root/etc/resolv.conf"
echo 'nameserver 10.77.0.3' >"$root/etc/resolv.conf"
mkdir -p "$root/root/.ssh" "$root/opt/vmcluster" "$root/etc/systemd/network"
cp "$2" "$root/root/.ssh/authorized_keys"
chmod 0700 "$root/root/.ssh"
chmod 0600 "$root/root/.ssh/authorized_keys"
printf '[Match]\nName=eth0\n[Network]\nAddress=10.77.0.15/24\nGateway=10.77.0.2\n' >"$root/etc/systemd/network/10-eth0.network"
printf '/dev/vda / ext4 rw,noatime 0 0\n/dev/vdb /opt/vmcluster ext4 ro,nofail 0 0\n' >"$root/etc/fstab"
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
ln -sf /usr/lib/systemd/system/systemd-networkd.service "$root/etc/systemd/system/multi-user.target.wants/"
# What an emulated boot can do without.
for unit in apt-daily.timer apt-daily-upgrade.timer man-db.timer e2scrub_all.timer e2scrub_reap.service \
  fstrim.timer dpkg-db-backup.timer systemd-networkd-wait-online.service getty@tty1.service cron.service \
  systemd-timesyncd.service ModemManager.service; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
# Loaded by the test, so that it can also be seen missing.
mkdir -p "$root/etc/modprobe.d"
printf 'blacklist kvm_amd\nblacklist kvm_intel\n' >"$root/etc/modprobe.d/no-kvm.conf"
ssh-keygen -A -f "$root" >/dev/null
