/**
 * What runs on a node for `backup` and `restore`, as POSIX sh with the GNU tools of Linux distributions. `$1` is the absolute path of
 * the data folder. What is restored is made beside it, as `$side`; `$old` is there for a moment only, while the two change places.
 */
const names = `set -eu
path=$1 side=$1.vmcluster-restore old=$1.vmcluster-old
recover() {
  if [ ! -e "$path" ] && [ -d "$old" ]; then mv -T -- "$old" "$path"; fi
}
`;

/** `$side` of a data folder. */
export const besideOf = (path: string): string => `${path}.vmcluster-restore`;

/** Prints `missing`, `other` (no folder), or `folder BYTES FREE-BYTES empty|full plain|mountpoint`. */
export const lookScript = `set -eu
path=$1
if [ ! -e "$path" ] && [ -d "$path.vmcluster-old" ]; then path=$path.vmcluster-old; fi
if [ ! -e "$path" ]; then echo missing; exit; fi
if [ ! -d "$path" ]; then echo other; exit; fi
size=$(du -sb -- "$path" 2>/dev/null | cut -f 1)
free=$(df -B1 --output=avail -- "$path" | tail -n 1)
some=empty mount=plain
if [ -n "$(ls -A -- "$path")" ]; then some=full; fi
if mountpoint -q -- "$path"; then mount=mountpoint; fi
echo folder "$size" "$free" "$some" "$mount"
`;

/** Prints a tar archive. With \`$2\` = live it does not matter that files change meanwhile (tar's exit code 1). */
export const packScript = `set -eu
code=0
tar -C "$1" --numeric-owner --xattrs --acls -cf - . || code=$?
if [ "$code" = 1 ] && [ "$2" = live ]; then code=0; fi
exit "$code"
`;

/** Standard input: a tar archive. What came of it is complete only when whoever sends it says so by going on. */
export const unpackScript = `${names}
recover
rm -rf -- "$side" "$old"
trap 'code=$?; if [ "$code" != 0 ]; then rm -rf -- "$side"; fi' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM
mkdir -p -- "$(dirname "$path")"
mkdir -m 700 -- "$side"
tar -C "$side" --numeric-owner --xattrs '--xattrs-include=*' --acls -xpf -
sync -f "$side"
`;

/** Lets the folder and what is beside it change places; twice is as before. One step where mv can (coreutils 9.5). */
export const swapScript = `${names}
trap '' HUP INT PIPE TERM
recover
[ -d "$side" ]
if [ ! -e "$path" ]; then
  mv -T -- "$side" "$path"
  mkdir -m 700 -- "$side"
elif ! mv --exchange -T -- "$side" "$path" 2>/dev/null; then
  mv -T -- "$path" "$old"
  mv -T -- "$side" "$path"
  mv -T -- "$old" "$side"
fi
sync -f "$path"
`;

/** Removes what is beside the folder. */
export const discardScript = `${names}
recover
rm -rf -- "$side" "$old"
`;

/**
 * Pairs of `bind` and a path, or `volume` and a name. Prints a line for each: bytes, or `none` where nothing is kept. Fails if Docker,
 * which knows the volumes, does not answer.
 */
export const sizesScript = `set -eu
case " $* " in *" volume "*) timeout 20 docker info >/dev/null 2>&1 || exit 1 ;; esac
while [ $# -gt 0 ]; do
  path=$2
  if [ "$1" = volume ]; then path=$(docker volume inspect -f '{{.Mountpoint}}' -- "$2" 2>/dev/null) || path=; fi
  if [ -z "$path" ] || [ ! -e "$path" ]; then echo none
  elif [ -d "$path" ] && [ -z "$(ls -A -- "$path")" ]; then echo none
  else du -sb -- "$path" 2>/dev/null | cut -f 1
  fi
  shift 2
done
`;
