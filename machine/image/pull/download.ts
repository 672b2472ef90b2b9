/**
 * Downloads a large file by HTTP and goes on where it was interrupted, also by the end of this process. A range is only asked for on
 * condition that the file is still the same (RFC 9110, If-Range); a server that cannot do that sends it from the beginning.
 */
import { type FileHandle, open } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { type HttpAnswer, httpGet } from "../../../host/httpGet";
import { UserError } from "../../../host/userError";
import type { Progress } from "../../progress";
import type { Known, Part } from "./part";
import { tellTransfer, transferText } from "./transfer";

export interface DownloadOptions {
  readonly progress: Progress;
  /** Milliseconds without a byte after which a connection counts as dead. Default: a minute. */
  readonly idleMs?: number;
  /** Milliseconds to wait before each further try; counted anew after one that brought something. */
  readonly pauses?: readonly number[];
  /** Whether a checksum of what comes is known, so that it does not matter who could change it on the way. */
  readonly checked?: boolean;
}

/** What another try may mend. */
class Interrupted extends Error {}

/** A weak ETag does not promise the same bytes, so it may not be used for ranges. */
function validatorOf({ headers }: HttpAnswer): string | undefined {
  const { etag } = headers;
  return etag !== undefined && !etag.startsWith("W/") ? etag : headers["last-modified"];
}

function known(answer: HttpAnswer): Known | undefined {
  const validator = validatorOf(answer);
  const length = answer.headers["content-length"];
  if (validator === undefined) return undefined;
  return { from: answer.url.href, validator, ...(length !== undefined && { size: Number(length) }) };
}

const certificate = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|^ERR_TLS/;

/** Errors of the connection are worth another try, but no untrusted server. */
function interruption(error: unknown, shown: string): Error {
  if (error instanceof UserError || error instanceof Interrupted) return error;
  const { code = "", message, cause } = error as NodeJS.ErrnoException;
  if (certificate.test(code)) return new UserError(`${shown}: the server is not trusted`, message);
  return new Interrupted(
    cause instanceof Error ? cause.message : message || code || "the connection was cut",
  );
}

/** Asks for what is missing. @returns the answer and the position of its first byte; undefined if nothing is missing */
async function request(url: URL, part: Part, shown: string, checked: boolean, signal: AbortSignal) {
  const before = part.read();
  const have = before === undefined ? 0 : part.bytes();
  if (before?.size !== undefined && have === before.size) return undefined;
  const goesOn = before !== undefined && have > 0;
  const answer = await httpGet(goesOn ? new URL(before.from) : url, {
    signal,
    secure: checked ? undefined : "kept",
    headers: goesOn ? { range: `bytes=${have}-`, "if-range": before.validator } : {},
  });
  const { status, headers, body } = answer;
  if (status === 206 && goesOn && headers["content-range"]?.startsWith(`bytes ${have}-`)) {
    return { answer, start: have };
  }
  if (status === 200 && (headers["content-encoding"] ?? "identity") === "identity") {
    part.write(known(answer));
    return { answer, start: 0 };
  }
  body.destroy();
  if (goesOn) {
    // The place of the redirect may be gone or the file shorter now: from the beginning, then.
    part.remove();
    throw new Interrupted(`it cannot be gone on with (${status} ${body.statusMessage})`);
  }
  const reason = `the server answers ${status} ${body.statusMessage}`;
  if (status === 429 || status >= 500) throw new Interrupted(reason);
  throw new UserError(`${shown}: ${reason}`, undefined, "check the address");
}

async function write(file: FileHandle, chunk: Buffer): Promise<void> {
  try {
    await file.writeFile(chunk);
  } catch (error) {
    throw new UserError("the download cannot be written", (error as Error).message);
  }
}

async function attempt(url: URL, part: Part, shown: string, options: DownloadOptions): Promise<void> {
  const idle = new AbortController();
  const idleMs = options.idleMs ?? 60_000;
  const silent = new Interrupted(`nothing came for ${Math.round(idleMs / 1000)} s`);
  const timer = setTimeout(() => idle.abort(silent), idleMs);
  try {
    const asked = await request(url, part, shown, options.checked ?? false, idle.signal);
    if (asked === undefined) return;
    const { answer, start } = asked;
    const length = answer.headers["content-length"];
    const size = length === undefined ? undefined : start + Number(length);
    const began = Date.now();
    const tell = tellTransfer(options.progress, start, size);
    if (start > 0) options.progress(`going on at ${transferText(start, size, 0).replace(/, [^,]*$/, "")}`);
    const file = await open(part.file, start === 0 ? "w" : "a");
    let done = start;
    try {
      for await (const chunk of answer.body) {
        timer.refresh();
        await write(file, chunk as Buffer);
        done += (chunk as Buffer).length;
        tell(done);
      }
    } finally {
      await file.close();
      answer.body.destroy();
    }
    if (size !== undefined && done !== size) throw new Interrupted("the connection was cut");
    const seconds = Math.max(0.001, (Date.now() - began) / 1000);
    options.progress(`downloaded: ${transferText(done, size, (done - start) / seconds)}`);
  } catch (error) {
    throw interruption(idle.signal.aborted ? silent : error, shown);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Completes a part. What came stays in it when this fails, and the next call goes on there.
 *
 * @param shown the URL as it may be shown
 * @throws UserError if it cannot be had
 */
export async function download(url: URL, part: Part, shown: string, options: DownloadOptions): Promise<void> {
  const pauses = options.pauses ?? [1000, 2000, 4000, 8000, 16_000];
  for (let failures = 0; ; ) {
    const before = part.bytes();
    try {
      return await attempt(url, part, shown, options);
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      failures = part.bytes() > before ? 1 : failures + 1;
      const pause = pauses[failures - 1];
      if (pause === undefined) {
        throw new UserError(
          `${shown}: the download was interrupted: ${error.message}`,
          part.read() === undefined ? undefined : "what came is kept, and the same command goes on with it",
          "check the network (http_proxy, https_proxy and no_proxy are respected)",
        );
      }
      options.progress(`interrupted: ${error.message}; trying again in ${pause / 1000} s`);
      await delay(pause);
    }
  }
}
