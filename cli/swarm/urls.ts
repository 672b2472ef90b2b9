/** The addresses at which a swarm's services answer. */
import { request } from "node:http";
import { request as secureRequest } from "node:https";
import * as engine from "../../engine/index";
import { openSession } from "../session";
import { chooseStack } from "../stackChoice";
import type { ApiService } from "./api";
import { onSwarm } from "./connect";
import type { SwarmFlags } from "./flags";
import type { Swarm } from "./swarm";

export interface NamedUrl {
  readonly name: string;
  readonly url: string;
}

const isUrl = (value: unknown): value is string =>
  typeof value === "string" && /^[a-z][a-z0-9+.-]*:\/\//i.test(value);

/** Those of an output `urls`: an object of names, each with one or several; or a list, or one, without names. */
export function urlsOf(output: unknown): NamedUrl[] {
  const named = (name: string, value: unknown): NamedUrl[] =>
    [value]
      .flat()
      .filter(isUrl)
      .map((url) => ({ name, url }));
  if (typeof output !== "object" || output === null || Array.isArray(output)) return named("url", output);
  return Object.entries(output).flatMap(([name, value]) => named(name, value));
}

/** Every TCP port that a service publishes in the routing mesh, at every machine. What is spoken there is a guess. */
function publishedUrls(services: readonly ApiService[], addresses: readonly string[]): NamedUrl[] {
  return services.flatMap(({ Spec, Endpoint }) =>
    (Endpoint?.Ports ?? [])
      .filter(({ Protocol = "tcp", PublishedPort }) => Protocol === "tcp" && PublishedPort !== undefined)
      .flatMap(({ PublishedPort }) =>
        addresses.map((address) => ({
          name: Spec.Name,
          url: `http://${address.includes(":") ? `[${address}]` : address}:${PublishedPort}/`,
        })),
      ),
  );
}

/** Of the stack's outputs; none where a machine was named instead of a stack. */
export async function outputUrls(flags: SwarmFlags): Promise<NamedUrl[]> {
  if (flags.machine !== undefined) return [];
  const session = openSession(flags);
  const stack = await chooseStack(session, flags, "refuse");
  return urlsOf((await engine.stackOutputs({ ...session, stack, showSecrets: false })).urls);
}

const publishedBy = async (swarm: Swarm): Promise<NamedUrl[]> =>
  publishedUrls(
    await swarm.services(),
    swarm.cluster.members.map(({ address }) => address).filter((address) => address !== undefined),
  );

/** Of the stack's outputs, else of what the services publish. */
export async function knownUrls(flags: SwarmFlags): Promise<NamedUrl[]> {
  const outputs = await outputUrls(flags);
  return outputs.length > 0 ? outputs : onSwarm(flags, publishedBy);
}

export interface UrlState extends NamedUrl {
  /** Undefined of what does not speak HTTP. */
  readonly answers?: boolean;
  /** HTTP status, or why there is no answer. */
  readonly said: string;
  readonly milliseconds?: number;
}

/** Asks with OPTIONS, so that no page counts a visit. An answer is one without a server's error. */
export function asked({ name, url }: NamedUrl, timeoutMs: number): Promise<UrlState> {
  if (!/^https?:/i.test(url)) return Promise.resolve({ name, url, said: "" });
  const start = Date.now();
  const took = (): number => Date.now() - start;
  return new Promise((resolve) => {
    const ask = url.startsWith("https") ? secureRequest : request;
    // Whether a certificate is trusted is no matter of health.
    const options = { method: "OPTIONS", agent: false as const, rejectUnauthorized: false };
    const sent = ask(url, options, (response) => {
      response.resume();
      const status = response.statusCode ?? 0;
      resolve({
        name,
        url,
        answers: status < 500 || status === 501,
        said: String(status),
        milliseconds: took(),
      });
      clearTimeout(timer);
    });
    const timer = setTimeout(
      () => sent.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)),
      timeoutMs,
    );
    sent.on("error", ({ message }) => {
      clearTimeout(timer);
      resolve({ name, url, answers: false, said: message, milliseconds: took() });
    });
    sent.end();
  });
}
