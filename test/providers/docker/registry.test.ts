import { encoded } from "../../../providers/docker/registry";

it.each(["a", "ab", "abc", "ü?>~"])("writes a header as the daemon reads it, padded: %s", (username) => {
  const header = encoded({ username });
  expect(header).toMatch(/^[\w-]+={0,2}$/);
  expect(header.length % 4).toBe(0);
  expect(JSON.parse(Buffer.from(header, "base64url").toString())).toEqual({ username });
});
