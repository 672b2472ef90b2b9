import { createServer, type IncomingMessage, type Server } from "node:http";
import { localAddresses, waitForAnswers } from "../../cli/answers";

it("takes the web addresses of this host from the output urls, and no others", () => {
  expect(
    localAddresses({
      urls: {
        web: ["http://127.1.2.3:4000/", "http://127.1.2.4:4000/"],
        visualizer: "http://127.1.2.3:8080/",
        redis: "redis://127.1.2.3:6379",
        elsewhere: "http://example.org/",
        number: 5,
      },
      other: "http://127.1.2.3/",
    }),
  ).toEqual(["http://127.1.2.3:4000/", "http://127.1.2.4:4000/", "http://127.1.2.3:8080/"]);
  for (const urls of [undefined, null, "x", []]) expect(localAddresses({ urls })).toEqual([]);
});

describe("waiting", () => {
  const asked: IncomingMessage[] = [];
  let server: Server;
  let url = "";
  beforeEach(async () => {
    server = createServer((request, response) => {
      asked.push(request);
      // The first is broken off, as by a port that nobody listens behind.
      if (asked.length === 1) request.socket.destroy();
      else response.writeHead(501).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
  });
  afterEach(() => {
    server.close();
    asked.length = 0;
  });
  const signal = new AbortController().signal;

  it("ends with any answer, tells what it waits for, and visits no page", async () => {
    const said: string[] = [];
    const say = (line: string): void => void said.push(line);
    expect(await waitForAnswers([url], { say, timeoutMs: 30_000, signal })).toEqual([]);
    expect(said).toEqual([`Waiting for ${url} to answer`]);
    expect(asked.map(({ method }) => method)).toEqual(["OPTIONS", "OPTIONS"]);
  });

  it("gives up on what does not answer in time", async () => {
    expect(await waitForAnswers([url], { say: () => undefined, timeoutMs: -1, signal })).toEqual([url]);
  });

  it("does not wait where nobody listens", async () => {
    const say = jest.fn();
    expect(await waitForAnswers(["http://127.0.0.1:9/"], { say, timeoutMs: 30_000, signal })).toEqual([]);
    expect(say).not.toHaveBeenCalled();
  });
});
