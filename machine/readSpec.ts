import { isIPv4 } from "node:net";
import type { z } from "zod";
import { UserError } from "../host/userError";
import { contains, parseCidr } from "./addresses";
import { isChecksum } from "./image/pull/checksum";
import { isImageUrl } from "./image/pull/source";
import {
  existingHostFields,
  type MachineQuestion,
  type MachineSpec,
  machineQuestion,
  machineSpec,
  suites,
  virtualMachineFields,
} from "./spec";

/** Port of the node's host address that is forwarded to the guest's sshd: unprivileged, so no root is needed. */
export const sshPort = 2222;

/** What a node listens at itself; nothing of it is for whoever reaches this host. */
const nodePorts: Readonly<Record<number, string>> = {
  22: `its sshd, which is forwarded from ${sshPort} already`,
  2377: "managers of a swarm",
  4789: "traffic of overlay networks",
  7946: "gossip of a swarm",
};

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value !== null && typeof value === "object" ? Reflect.get(value, key) : undefined),
    input,
  );
}

/** `memory: 12 (Too small: expected number to be >=512)`, one for each field that is wrong. */
function describe(error: z.ZodError, input: unknown): string[] {
  return error.issues.map((issue) => {
    const field = issue.path.map(String).join(".") || "spec";
    const value = valueAt(input, issue.path);
    return `${field}: ${value === undefined ? "missing" : JSON.stringify(value)} (${issue.message})`;
  });
}

const given = (input: unknown, fields: readonly string[]): string[] =>
  fields.filter((field) => valueAt(input, [field]) !== undefined);

/** An existing host has its own size and network; nothing is forwarded to it. */
function hostChecks(spec: MachineSpec, input: unknown): string[] {
  const missing =
    spec.host === undefined ? ["host: missing (the generic driver takes a host by its name or address)"] : [];
  return [
    ...missing,
    ...given(input, virtualMachineFields).map(
      (field) =>
        `${field}: ${JSON.stringify(valueAt(input, [field]))} (the generic driver takes the host as it is: leave it out)`,
    ),
  ];
}

function imageChecks(spec: MachineSpec, input: unknown): string[] {
  const { image, imageChecksum, driver } = spec;
  const checksum = `imageChecksum: ${imageChecksum === undefined ? "missing" : JSON.stringify(imageChecksum)}`;
  if (image === undefined) {
    return imageChecksum === undefined ? [] : [`${checksum} (is that of image, which is missing)`];
  }
  const wrong = (reason: string): string => `image: ${JSON.stringify(image)} (${reason})`;
  const found: string[] = [];
  if (valueAt(input, ["suite"]) !== undefined) {
    found.push(wrong(`with suite ${JSON.stringify(spec.suite)}: a machine has one or the other`));
  }
  if (driver !== "qemu") {
    found.push(
      wrong(`the ${driver} driver only starts the node image that is built here; pulled ones need qemu`),
    );
  }
  if (isImageUrl(image)) {
    if (!URL.canParse(image)) found.push(wrong("must be a URL with https, http or file, or a name"));
    if (imageChecksum === undefined || !isChecksum(imageChecksum)) {
      found.push(`${checksum} (of an image's URL must be sha256: or sha512: with the digits of its file)`);
    }
  } else if (imageChecksum !== undefined) {
    found.push(
      `${checksum} (is for an image that is given by its URL: one that has a name was verified when it was pulled)`,
    );
  }
  return found;
}

/** What the schema cannot say by itself. */
function crossChecks(spec: MachineSpec, input: unknown): string[] {
  if (spec.driver === "generic") return hostChecks(spec, input);
  const wrong = given(input, existingHostFields).map(
    (field) =>
      `${field}: ${JSON.stringify(valueAt(input, [field]))} (only the generic driver takes it, this is ${spec.driver})`,
  );
  const subnet = parseCidr(spec.subnet);
  if (subnet.prefix < 8 || subnet.prefix > 29) {
    wrong.push(`subnet: "${spec.subnet}" (the prefix must be from 8 to 29)`);
  }
  if (spec.privateAddress !== undefined) {
    if (!isIPv4(spec.privateAddress) || !contains(subnet, spec.privateAddress)) {
      wrong.push(
        `privateAddress: "${spec.privateAddress}" (must be a host address of subnet ${spec.subnet})`,
      );
    }
  }
  if (contains(subnet, "10.0.2.15")) {
    wrong.push(`subnet: "${spec.subnet}" (must not hold 10.0.2.0/24, the network to the host)`);
  }
  const twice = spec.ports.find((port, index) => spec.ports.indexOf(port) !== index);
  if (twice !== undefined) wrong.push(`ports: ${twice} (is listed twice)`);
  if (spec.ports.includes(sshPort)) wrong.push(`ports: ${sshPort} (is the forwarded SSH port)`);
  for (const port of spec.ports) {
    const use = nodePorts[port];
    if (use !== undefined) wrong.push(`ports: ${port} (is the node's own: ${use})`);
  }
  wrong.push(...imageChecks(spec, input));
  if (!suites.some((suite) => suite === spec.suite)) {
    wrong.push(`suite: ${JSON.stringify(spec.suite)} (must be ${suites.join(" or ")})`);
  }
  return wrong;
}

function check<T extends MachineSpec>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  const wrong = parsed.success ? crossChecks(parsed.data, input) : describe(parsed.error, input);
  if (parsed.success && wrong.length === 0) return parsed.data;
  const name = valueAt(input, ["name"]);
  throw new UserError(
    `machine ${typeof name === "string" ? `"${name}"` : "without a name"}: ${wrong.join("; ")}`,
  );
}

/**
 * Checks one spec.
 *
 * @throws UserError naming each wrong field, its value and what is allowed
 */
export const checkSpec = (input: unknown): MachineSpec => check(machineSpec, input);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError("the machine spec on standard input is not JSON", (error as Error).message);
  }
}

/** One spec from the JSON text that `apply` and `rm` read. */
export function readSpec(text: string): MachineSpec {
  return checkSpec(parseJson(text));
}

/** The specs that `status` reads: an array, also of none. Names must differ. */
export function readQuestions(text: string): MachineQuestion[] {
  const value = parseJson(text);
  if (!Array.isArray(value)) throw new UserError("status reads an array of machine specs on standard input");
  const specs = value.map((one) => check(machineQuestion, one));
  const names = specs.map((spec) => spec.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new UserError(`machine "${twice}": name is used by two machines`);
  const addresses = specs.flatMap((spec) => (spec.privateAddress === undefined ? [] : [spec.privateAddress]));
  const shared = addresses.find((address, index) => addresses.indexOf(address) !== index);
  if (shared !== undefined) throw new UserError(`privateAddress: "${shared}" is used by two machines`);
  return specs;
}
