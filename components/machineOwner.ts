import * as pulumi from "@pulumi/pulumi";

/** By what a machine is known to belong to this program: another stack, also of the same program, does not touch it. */
export const machineOwner = (): string => `${pulumi.getProject()}/${pulumi.getStack()}`;
