import * as fc from "fast-check";
import pc from "picocolors";
import { dockerBeside } from "../../../cli/swarm/beside";
import { eventLine, eventOf } from "../../../cli/swarm/events";
import { type Frame, frames, lines } from "../../../cli/swarm/frames";
import { frame } from "../../../cli/swarm/fullScreen";
import { attributed } from "../../../cli/swarm/logLines";
import { lineWriter } from "../../../cli/swarm/logs";
import { differences } from "../../../cli/swarm/rollback";
import { wishOf } from "../../../cli/swarm/scale";
import { timeOf } from "../../../cli/swarm/time";
import { urlsOf } from "../../../cli/swarm/urls";
import { shortImage, since } from "../../../cli/swarm/words";

async function all(source: AsyncIterable<Frame>): Promise<Frame[]> {
  const found: Frame[] = [];
  for await (const one of source) found.push(one);
  return found;
}

async function* pieces(whole: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const at = [...new Set(cuts.map((cut) => cut % (whole.length + 1)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...at, whole.length]) {
    yield whole.subarray(from, to);
    from = to;
  }
}

function framed({ source, text }: Frame): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(8);
  head[0] = { stdout: 1, stderr: 2, error: 3 }[source];
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
}

const someFrames = fc.array(
  fc.record({ source: fc.constantFrom("stdout", "stderr", "error"), text: fc.string({ unit: "grapheme" }) }),
);

it("reads frames however the stream is cut", async () => {
  await fc.assert(
    fc.asyncProperty(someFrames, fc.array(fc.nat()), async (wanted, cuts) => {
      const whole = Buffer.concat(wanted.map((one) => framed(one as Frame)));
      expect(await all(frames(pieces(whole, cuts)))).toEqual(wanted);
    }),
  );
});

it("reads a terminal's lines however they are cut", async () => {
  const text = "eins\r\nzwölf\n\nlast";
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat()), async (cuts) => {
      const found = await all(lines(pieces(Buffer.from(text), cuts)));
      expect(found.map((one) => one.text)).toEqual(["eins\r\n", "zwölf\n", "\n", "last"]);
    }),
  );
});

it("takes a line of the logs apart", () => {
  const details = "com.docker.swarm.node.id=n1,com.docker.swarm.service.id=s1,com.docker.swarm.task.id=t1";
  expect(attributed(`2026-01-02T03:04:05.6Z ${details} a  b=c \n`)).toEqual({
    time: "2026-01-02T03:04:05.6Z",
    task: "t1",
    node: "n1",
    text: "a  b=c \n",
  });
});

it("begins lines with where they are from", () => {
  const write = lineWriter(pc.createColors(false), true);
  const line = { service: "web", stream: "stdout" as const, time: "T", text: "hi" };
  expect(write({ ...line, task: "web.10", node: "vm1" })).toBe("web.10@vm1 | T hi\n");
  expect(write({ ...line, task: "web.2", node: "vm1" })).toBe("web.2@vm1  | T hi\n");
});

it.each([
  ["10m", 999_400],
  ["1h30m", 994_600],
  ["1970-01-02T00:00:00Z", 86_400],
  ["1767225600", 1_767_225_600],
])("reads the time %s", (text, expected) => {
  expect(timeOf("--since", text, 1_000_000_000)).toBe(expected);
});

it("refuses what is no time", () => {
  expect(() => timeOf("--since", "soon")).toThrow(/--since: "soon" is not a time/);
  expect(() => timeOf("--since", "60")).toThrow(/--since: "60" is not a time/);
});

it.each([
  ["web=7", { service: "web", replicas: 7 }],
  ["my-web=0", { service: "my-web", replicas: 0 }],
  ["web=", { service: "web", replicas: undefined }],
])("reads the wish %s", (word, expected) => {
  expect(wishOf(word)).toEqual(expected);
});

it.each(["web", "=3", "web=many", "web=-1", "web=1.5"])("refuses the wish %s", (word) => {
  expect(() => wishOf(word)).toThrow(/must read web=7/);
});

it("finds the addresses in an output", () => {
  expect(urlsOf({ web: ["http://a/", "http://b/"], redis: "redis://a:1", note: "none" })).toEqual([
    { name: "web", url: "http://a/" },
    { name: "web", url: "http://b/" },
    { name: "redis", url: "redis://a:1" },
  ]);
  expect(urlsOf("http://a/")).toEqual([{ name: "url", url: "http://a/" }]);
  expect(urlsOf(undefined)).toEqual([]);
});

it("says in which fields two specifications differ", () => {
  expect(differences({ a: { b: 1, c: [1] }, d: "x" }, { a: { b: 2, c: [1] } })).toEqual([
    { field: "a.b", from: 1, to: 2 },
    { field: "d", from: "x", to: undefined },
  ]);
});

it("tells events in a line", () => {
  const update = {
    Type: "service",
    Action: "update",
    Actor: { ID: "abc", Attributes: { name: "web", "replicas.old": "2", "replicas.new": "3" } },
    time: 0,
  };
  expect(eventLine(eventOf(update, "vm1"))).toBe(
    "1970-01-01T00:00:00.000Z  service    web  update  (replicas 2 => 3)",
  );
  const died = {
    Type: "container",
    Action: "die",
    Actor: { ID: "c", Attributes: { "com.docker.swarm.task.name": "web.2.xyz", exitCode: "1" } },
    time: 0,
  };
  expect(eventLine(eventOf(died, "vm1"))).toBe(
    "1970-01-01T00:00:00.000Z  container  web.2@vm1  die  (exit code 1)",
  );
});

it("runs a command beside a daemon so that its words stay as they are", () => {
  const daemon = {
    kind: "ssh" as const,
    user: "ada",
    host: "vm1",
    port: 2222,
    socket: undefined,
    options: ["-F", "/a b/config"],
  };
  expect(dockerBeside(daemon, ["exec", "-i", "c1", "sh", "-c", "echo $HOME; it's"], true)).toEqual({
    program: "ssh",
    args: [
      "-t",
      "-F",
      "/a b/config",
      "-l",
      "ada",
      "-p",
      "2222",
      "--",
      "vm1",
      "docker exec -i c1 sh -c 'echo $HOME; it'\\''s'",
    ],
  });
});

it("draws a frame that clears nothing before it is overwritten", () => {
  expect(frame(["a", "b"], 2)).toBe("\u001b[Ha\u001b[K\r\nb\u001b[K\u001b[J");
});

it("says how many lines a low screen does not show, and shows the last", () => {
  const shown = frame(["a", "b", "c", "d", "end"], 4).replaceAll("\u001b[K", "").split("\r\n");
  expect(shown).toEqual(["\u001b[Ha", "b", "… 2 more lines", "end\u001b[J"]);
});

it("says how long ago", () => {
  const now = Date.parse("2026-01-10T00:00:00Z");
  expect(since("2026-01-09T23:59:59Z", now)).toBe("1 second");
  expect(since("2026-01-09T23:50:00Z", now)).toBe("10 minutes");
  expect(since("2026-01-01T00:00:00Z", now)).toBe("9 days");
  expect(shortImage(`web:1@sha256:${"ab".repeat(32)}`)).toBe("web:1@sha256:abababababab");
});
