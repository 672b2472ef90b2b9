#!/bin/sh
# Runs in the new root file system (chroot): what makes it a cloud image. GRUB reads its configuration from the root file system and
# starts the newest kernel, as in the images that Debian publishes; nothing of it knows vmcluster.
set -eu
kernel=$(ls /lib/modules)
mkdir -p /boot/grub
cat >/boot/grub/grub.cfg <<CONFIG
serial --unit=0 --speed=115200
terminal_input serial
terminal_output serial
search --no-floppy --label cloud-root --set=root
linux /boot/vmlinuz-$kernel root=LABEL=cloud-root ro console=ttyS0,115200
initrd /boot/initrd.img-$kernel
boot
CONFIG
grub-mkimage --format=i386-pc --prefix='(hd0,msdos1)/boot/grub' --output=/boot/core.img \
  biosdisk part_msdos ext2 normal linux search search_label serial terminal boot
cp /usr/lib/grub/i386-pc/boot.img /boot/boot.img
echo "LABEL=cloud-root / ext4 errors=remount-ro 0 1" >/etc/fstab
rm -f /etc/hostname /etc/ssh/ssh_host_* /etc/machine-id /etc/resolv.conf
: >/etc/machine-id
ln -s ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
# As in Debian's images: the network is cloud-init's.
rm -f /etc/network/interfaces
