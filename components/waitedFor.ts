/** Which values a program has to wait for. */
import * as pulumi from "@pulumi/pulumi";

export const isWaitedFor = (value: unknown): value is pulumi.Output<unknown> | Promise<unknown> =>
  pulumi.Output.isInstance(value) || value instanceof Promise;

/** Nothing in it has to be waited for. */
export function isPlain(value: unknown): boolean {
  if (isWaitedFor(value)) return false;
  return typeof value !== "object" || value === null || Object.values(value).every(isPlain);
}
