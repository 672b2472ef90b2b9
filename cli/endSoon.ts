/** How long what a verb has left behind may take to end by itself. */
const graceMs = 1000;

/**
 * Ends this process when its verb is done, a second later at most, whatever is still open: a program that was started and that nobody waits for,
 * a connection to a machine that hangs. What was printed is read before, by a slow reader too.
 */
export function endSoon(): void {
  // Nothing of this keeps the process: one with nothing left open ends at once.
  const look = setInterval(() => {
    if (process.stdout.writableLength + process.stderr.writableLength === 0) process.exit();
  }, graceMs);
  look.unref();
}
