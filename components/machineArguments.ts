/** What machines may be told, alone or as those of a cluster. */
import { z } from "zod";
import { parseCidr } from "../machine/addresses";
import { driverNames, machineSpec } from "../machine/spec";
import { oneOf, port, text } from "./service/checks";

const { name, host, sshUser, identity, hostKey, leaveSwarm } = machineSpec.shape;

const whole = (least: number, most: number, unit: string) => {
  const range = `must be ${least} to ${most} (${unit})`;
  return z.int().min(least, range).max(most, range);
};

/** Whether a machine may have such a name depends on what follows it, too. */
export const machineName = name;

const subnet = z
  .cidrv4({ error: "must be an IPv4 network such as 192.168.56.0/24", abort: true })
  .refine((cidr) => {
    const { prefix } = parseCidr(cidr);
    return prefix >= 8 && prefix <= 29;
  }, "must have a prefix from 8 to 29");

const ports = z.array(port).superRefine((all, context) => {
  const index = all.findIndex((one, at) => all.indexOf(one) !== at);
  if (index >= 0)
    context.addIssue({ code: "custom", path: [index], message: `${all[index]} is listed twice` });
});

/** Of machines that are made here. */
export const virtualMachine = {
  driver: oneOf(...driverNames).optional(),
  cpus: whole(1, 64, "virtual CPUs").optional(),
  memory: whole(512, 1_048_576, "MiB").optional(),
  disk: whole(4, 65_536, "GiB").optional(),
  subnet: subnet.optional(),
  ports: ports.optional(),
  images: z.array(text).optional(),
  suite: text.optional(),
  image: text.optional(),
  imageChecksum: text.optional(),
};

const privateAddress = z.ipv4("must be an IPv4 address");

/** Of hosts that are there already. */
export const existingHost = {
  host,
  sshUser,
  sshPort: port.optional(),
  identity,
  hostKey,
  leaveSwarm,
  privateAddress: privateAddress.optional(),
};
