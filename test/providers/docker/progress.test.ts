import { progress } from "../../../providers/docker/converge";

const counts = new Map([
  ["running", 3],
  ["starting", 2],
]);

it("says that tasks are slow rather than nothing", () => {
  expect(progress(3, 5, counts, [], 5000)).toBe("3/5 running, 2 starting");
  expect(progress(3, 5, counts, [], 95_000)).toBe(
    "3/5 running, 2 starting (slow, still starting after 95 s: a task is starting until its health check passes)",
  );
  expect(progress(0, 1, new Map([["preparing", 1]]), [], 95_000)).toBe(
    "0/1 running, 1 preparing (slow, still starting after 95 s)",
  );
  expect(progress(3, 5, counts, ["no such image"], 95_000)).toBe("3/5 running, 2 starting (no such image)");
  expect(progress(5, 5, new Map([["running", 5]]), [], 95_000)).toBe("5/5 running");
});
