/**
 * How the engine's own processes find each other without a port: one on 127.0.0.1 is open to every user of the host. The engine listens on a Unix
 * socket in a folder that only its user may enter. A provider that is told such an address listens beside it, and prints in the place of its port
 * a number that no port has.
 */
import { dirname, join } from "node:path";

/** The first number that is no port. */
export const firstSocketNumber = 65_536;

const scheme = "unix:";

export const socketAddress = (file: string): string => `${scheme}${file}`;

/** The folder of an engine that listens on a socket; undefined for one that has a port. */
export function socketFolder(engineAddress: string): string | undefined {
  return engineAddress.startsWith(scheme) ? dirname(engineAddress.slice(scheme.length)) : undefined;
}

/** Of the provider that printed `number`. */
export const socketFile = (folder: string, number: number): string => join(folder, `${number}.sock`);

/** One process serves one provider. */
export const socketNumber = (pid: number = process.pid): number => firstSocketNumber + pid;
