# Applies the NoCloud seed (volume CIDATA: meta-data, user-data, network-config) to the root at /root.
# Identity is written once for each instance-id, the network on each boot.

meta() { sed -n "s/^$1: *//p" /seed/meta-data; }

# Prints the block under `  NAME: |` of user-data without its indentation.
block_of() {
  awk -v key="$1" '
    inside && /^    / { print substr($0, 5); next }
    { inside = ($0 == "  " key ": |") }' /seed/user-data
}

identity() {
  name=$(meta local-hostname)
  id=$(meta instance-id)
  [ "$(cat "$kept/instance-id" 2>/dev/null)" = "$id" ] && return
  echo "$name" >/root/etc/hostname
  # Images of vmcluster.internal are in the node already; asking for one that is not is refused at once.
  printf '127.0.0.1\tlocalhost vmcluster.internal\n127.0.1.1\t%s\n::1\tlocalhost\n' "$name" >/root/etc/hosts
  echo "$id" | tr -d - >/root/etc/machine-id
  (
    umask 077
    mkdir -p /root/root/.ssh
    sed -n 's/^  - \(ssh-.*\)/\1/p' /seed/user-data >/root/root/.ssh/authorized_keys
    block_of ed25519_private >/root/etc/ssh/ssh_host_ed25519_key
  )
  sed -n 's/^  ed25519_public: //p' /seed/user-data >/root/etc/ssh/ssh_host_ed25519_key.pub
  echo "$id" >"$kept/instance-id"
}

# Prints `mac addr CIDR`, `mac via GATEWAY` and `mac dns SERVER` for each line of network-config.
links() {
  awk '
    $1 == "macaddress:" { mac = $2; gsub(/"/, "", mac) }
    $1 == "-" && list == "addresses:" { print mac, "addr", $2 }
    $1 == "-" && list == "search:" { print mac, "dns", $2 }
    $1 == "via:" { print mac, "via", $2 }
    $1 == "nameservers:" { servers = 1 }
    $1 == "set-name:" { servers = 0 }
    $1 ~ /:$/ { list = (servers && $1 == "addresses:") ? "search:" : $1 }' /seed/network-config
}

network() {
  ip link set lo up
  links | while read -r mac what value; do
    for link in /sys/class/net/*; do
      [ "$(cat "$link/address")" = "$mac" ] || continue
      device=${link##*/}
      case $what in
        addr) ip address add "$value" broadcast + dev "$device" && ip link set "$device" up ;;
        via) ip route add default via "$value" dev "$device" ;;
        dns) echo "nameserver $value" >>/resolv.conf ;;
      esac
    done
  done
  [ ! -s /resolv.conf ] || cat /resolv.conf >/root/etc/resolv.conf
}

# VirtualBox's disks come one after the other: the seed may be later than the root disk.
tries=0
until seed=$(findfs LABEL=CIDATA 2>/dev/null) || [ "$tries" -ge 100 ]; do
  tries=$((tries + 1))
  sleep 0.1
done
if [ -n "$seed" ] && mount -t iso9660 -o ro "$seed" /seed; then
  identity
  network
  umount /seed
else
  echo "vmcluster: no NoCloud seed (volume CIDATA): name, keys and network stay as they were" >/dev/console
fi
