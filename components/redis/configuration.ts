/** What Redis is told, as the text of its configuration file. */

/** Of a word in double quotes, which Redis unescapes (its `sdssplitargs`): everything but letters and digits as `\xHH`. */
const quoted = (text: string): string => {
  const escaped = Buffer.from(text)
    .toString("latin1")
    .replace(/[^A-Za-z0-9]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, "0")}`);
  return `"${escaped}"`;
};

/**
 * Whoever connects must know the password. Every write is in the append-only file within a second; a stop (SIGTERM) writes what is left first.
 * The log goes to standard output.
 */
export const redisConfiguration = (password: string): string =>
  [
    `requirepass ${quoted(password)}`,
    "bind * -::*",
    "port 6379",
    "dir /data",
    "appendonly yes",
    "appendfsync everysec",
    'save ""',
    'logfile ""',
    "",
  ].join("\n");

/** @param address `host:port` */
export const redisUrl = (password: string, address: string): string =>
  `redis://:${encodeURIComponent(password)}@${address}`;
