/** Free disk and memory of a machine, as its kernel tells. */

/** In MiB; `null` while they are not known. */
export interface Free {
  readonly diskSize: number | null;
  /** For programs that are not root's. */
  readonly diskFree: number | null;
  /** Without swapping: what is empty, and caches that can go. */
  readonly memoryFree: number | null;
  /** What there is too little of, in a person's words; empty if nothing is. */
  readonly shortage: string;
}

export const nothingKnown: Free = { diskSize: null, diskFree: null, memoryFree: null, shortage: "" };

/**
 * What prints it, in the guest: two programs, as each costs an emulated CPU some hundredths of a second. An existing host may have
 * Docker's data on a disk of its own: of both the fuller one counts. One block is `%S` bytes.
 */
export const freeQuestion =
  "stat -f -c 'disk %S %b %f %a %c %d' / /var/lib/docker 2>/dev/null; grep -E '^Mem(Total|Available):' /proc/meminfo";

const mib = 2 ** 20;

/** Below it nothing much can be pulled or built, however large the disk is. */
const leastMib = 500;
/** One tenth of a very large disk is still much. */
const plentyMib = 10 * 1024;

interface Disk {
  readonly size: number;
  readonly free: number;
  /** Percent of its files, of which it has a fixed number; 100 where it has none. */
  readonly files: number;
}

function disksOf(answer: string): Disk[] {
  return answer
    .split("\n")
    .filter((line) => line.startsWith("disk "))
    .map((line) => line.split(" ").slice(1).map(Number))
    .filter((numbers) => numbers.length === 6 && numbers.every(Number.isFinite))
    .map(([block = 0, all = 0, unused = 0, available = 0, files = 0, unusedFiles = 0]) => ({
      // As df does: what is kept for root counts as neither.
      size: Math.round((block * (all - unused + available)) / mib),
      free: Math.round((block * available) / mib),
      files: files === 0 ? 100 : (unusedFiles / files) * 100,
    }))
    .filter(({ size }) => size > 0);
}

const nearlyFull = ({ size, free, files }: Disk): boolean =>
  free < leastMib || (free < size / 10 && free < plentyMib) || files < 2;

export const gib = (mebibytes: number): string =>
  mebibytes < 1024 ? `${mebibytes} MiB` : `${(mebibytes / 1024).toFixed(1)} GiB`;

function shortageOf(disk: Disk | undefined): string {
  if (disk === undefined || !nearlyFull(disk)) return "";
  if (disk.files < 2) return `its disk is nearly full: ${Math.floor(disk.files)} % of its inodes are free`;
  return `its disk is nearly full: ${gib(disk.free)} of ${gib(disk.size)} are free`;
}

/** Reads what {@link freeQuestion} prints, with whatever else is printed beside it. */
export function readFree(answer: string): Free {
  const [fullest] = disksOf(answer).sort(
    (a, b) => Number(nearlyFull(b)) - Number(nearlyFull(a)) || a.free / a.size - b.free / b.size,
  );
  const [, available] = /^MemAvailable:\s+(\d+) kB$/m.exec(answer) ?? [];
  return {
    diskSize: fullest?.size ?? null,
    diskFree: fullest?.free ?? null,
    memoryFree: available === undefined ? null : Math.round(Number(available) / 1024),
    shortage: shortageOf(fullest),
  };
}
