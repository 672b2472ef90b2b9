import fc from "fast-check";
import { formatDuration, parseDuration } from "../../host/duration";

it.each([
  ["0s", 0],
  ["0", 0],
  ["1h", 3600e9],
  ["1m30s", 90e9],
  ["60s", 60e9],
  ["1.5s", 1.5e9],
  ["1h0m5s", 3605e9],
  ["250ms", 250e6],
  ["-1s", -1e9],
])("%s is %d nanoseconds", (text, nanoseconds) => {
  expect(parseDuration(text)).toBe(nanoseconds);
});

it.each(["", "5", "5 minutes", "1d", "s", "1m 30s"])("%j is no duration", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

it.each([
  [60e9, "1m"],
  [3600e9, "1h"],
  [90e9, "1m30s"],
  [3605e9, "1h0m5s"],
  [500e6, "500ms"],
  [0, "0s"],
])("%d nanoseconds are written %s", (nanoseconds, text) => {
  expect(formatDuration(nanoseconds)).toBe(text);
});

it("what is written reads the same", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e15 }), (nanoseconds) => {
      expect(parseDuration(formatDuration(nanoseconds))).toBe(nanoseconds);
    }),
  );
});
