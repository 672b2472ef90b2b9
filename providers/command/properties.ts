import {
  any,
  asset,
  boolean,
  integer,
  list,
  map,
  number,
  object,
  type Properties,
  string,
} from "../rpc/property";

/** Inputs and outputs as @pulumi/command 1.2.1 has them. */

const logging = string({ oneOf: ["stdout", "stderr", "stdoutAndStderr", "none"] });

const lifeCycle: Properties = {
  create: string(),
  update: string(),
  delete: string(),
  triggers: list(any(), { replaces: true }),
};

const captured: Properties = {
  stdout: string({ output: true, required: true }),
  stderr: string({ output: true, required: true }),
};

const localProcess: Properties = {
  stdin: string(),
  logging,
  interpreter: list(string()),
  dir: string(),
  environment: map(string()),
  assetPaths: list(string()),
  archivePaths: list(string()),
  addPreviousOutputInEnv: boolean({ implied: true }),
};

const endpoint: Properties = {
  host: string({ required: true }),
  port: number({ default: 22 }),
  user: string({ default: "root" }),
  password: string({ secret: true }),
  privateKey: string({ secret: true }),
  privateKeyPassword: string({ secret: true }),
  agentSocketPath: string(),
  dialErrorLimit: integer({ default: 10, minimum: -1 }),
  perDialTimeout: integer({ default: 15, minimum: 0 }),
  hostKey: string(),
};

const connection = object(
  "command:remote:Connection",
  { ...endpoint, proxy: object("command:remote:ProxyConnection", endpoint) },
  { required: true, secret: true },
);

export const localCommand: Properties = {
  ...lifeCycle,
  ...localProcess,
  ...captured,
  assets: map(asset(), { output: true }),
  archive: asset({ output: true }),
};

export const localRunInputs: Properties = { command: string({ required: true }), ...localProcess };
export const localRunOutputs: Properties = { ...localRunInputs, ...captured };

export const remoteCommand: Properties = {
  ...lifeCycle,
  connection,
  stdin: string(),
  logging,
  environment: map(string()),
  addPreviousOutputInEnv: boolean({ implied: true }),
  ...captured,
};

export const copyToRemote: Properties = {
  connection,
  source: asset({ required: true }),
  remotePath: string({ required: true }),
  triggers: list(any(), { replaces: true }),
};
