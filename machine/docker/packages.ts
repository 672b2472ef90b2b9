/** Which packages Docker is, as POSIX sh that sets `wanted`: distributions and their releases call them differently. */

/** Of Debian and its relatives, once apt's lists are there. */
export const chooseDebianPackages = `wanted='docker.io iptables ca-certificates'
# In newer releases the client is a package of its own, and a kernel with AppArmor starts no container without its parser.
for package in docker-cli apparmor; do
  if [ -n "$(apt-cache madison "$package")" ]; then wanted="$wanted $package"; fi
done`;

/** Of Fedora and its relatives. Exits with a reason if there are none. */
export const chooseFedoraPackages = `wanted=
for package in moby-engine docker-ce docker-cli; do
  if dnf -q list --available "$package" >/dev/null 2>&1; then
    case "$package $wanted" in docker-ce*moby*) ;; *) wanted="$wanted $package" ;; esac
  fi
done
[ -n "$wanted" ] || { echo 'its package sources have neither moby-engine nor docker-ce' >&2; exit 1; }`;
