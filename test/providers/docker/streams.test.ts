import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { progress } from "../../../providers/docker/streams";
import type { Operation } from "../../../providers/rpc/resource";

async function told(messages: readonly object[]): Promise<{ shown: string[]; aux: object[] }> {
  const shown: string[] = [];
  const operation = { status: (text: string) => void shown.push(text) } as unknown as Operation;
  const text = messages.map((message) => `${JSON.stringify(message)}\r\n`).join("");
  const aux = await progress(Readable.from([text]) as unknown as IncomingMessage, operation);
  return { shown, aux };
}

it("shows what is for people, and not each piece of a layer that is on its way", async () => {
  const { shown, aux } = await told([
    { id: "moby.buildkit.trace", aux: "CgA=" },
    { id: "moby.image.id", aux: { ID: "sha256:1" } },
    { status: "The push refers to repository [r/app]" },
    { id: "a1", status: "Pushing", progress: "[=> ] 1MB/3MB" },
    { id: "a1", status: "Pushing", progress: "[==> ] 2MB/3MB" },
    { id: "a1", status: "Pushed" },
    { stream: "Step 1/2\n" },
  ]);
  expect(shown).toEqual([
    "The push refers to repository [r/app]",
    "a1: Pushing [=> ] 1MB/3MB",
    "a1: Pushed",
    "Step 1/2",
  ]);
  expect(aux).toEqual([{ ID: "sha256:1" }]);
});

it("fails with what the daemon says", async () => {
  await expect(told([{ errorDetail: { message: "no basic auth credentials" } }])).rejects.toThrow(
    "no basic auth credentials",
  );
});
