/**
 * `command:remote:CopyToRemote`: files and folders sent to a machine by SFTP.
 * Specified by pulumi/pulumi-command: provider/pkg/provider/remote/copyController.go.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join, posix } from "node:path";
import { promisify } from "node:util";
import type { NodeSSH } from "node-ssh";
import { UserError } from "../../host/userError";
import type { Operation, ResourceType } from "../rpc/resource";
import { Archive, Asset, type PropertyMap, reveal } from "../rpc/values";
import { uniqueId } from "./commandResource";
import { copyToRemote as properties } from "./properties";
import { openAddress } from "./remote";
import type { Connection, SshConnections } from "./sshConnection";

interface CopyInputs {
  readonly connection: Connection;
  readonly source: Asset | Archive;
  readonly remotePath: string;
}

export function copyToRemote(connections: SshConnections): ResourceType {
  const open = (inputs: PropertyMap): CopyInputs => reveal(inputs) as unknown as CopyInputs;
  const copy = (inputs: CopyInputs, operation: Operation): Promise<void> =>
    connections.use(inputs.connection, operation, async (ssh) => {
      const sftp = await ssh.requestSFTP();
      try {
        await new RemoteFiles(sftp).put(inputs.source, inputs.remotePath);
      } finally {
        sftp.end();
      }
    });
  return {
    properties,
    secrets: openAddress,
    checkTogether: (inputs) => {
      const { source } = inputs;
      return (source instanceof Asset || source instanceof Archive) && source.content.uri !== undefined
        ? [
            {
              property: "source",
              reason: "is a URI, which vmcluster's own command provider does not fetch: use a local file",
            },
          ]
        : [];
    },
    preview: (inputs) => inputs,
    async create(inputs, operation) {
      await copy(open(inputs), operation);
      return { id: uniqueId(""), outputs: inputs };
    },
    async update({ inputs, oldOutputs }, operation) {
      const now = open(inputs);
      const old = open(oldOutputs);
      const same = now.source.hash !== undefined && now.source.hash === old.source.hash;
      if (!same || now.remotePath !== old.remotePath) await copy(now, operation);
      return inputs;
    },
    read: async (current) => current,
    // The file stays: the plugin leaves it too.
    delete: async () => undefined,
  };
}

type SFTPWrapper = Awaited<ReturnType<NodeSSH["requestSFTP"]>>;

class RemoteFiles {
  constructor(private readonly sftp: SFTPWrapper) {}

  async put(source: Asset | Archive, target: string): Promise<void> {
    const { content } = source;
    if (source instanceof Archive && source.content.assets !== undefined) {
      if ((await this.kind(target)) === "file") throw notAFolder(target);
      await this.makeFolder(target);
      for (const [name, item] of Object.entries(source.content.assets)) {
        if (item instanceof Asset || item instanceof Archive) await this.put(item, posix.join(target, name));
      }
      return;
    }
    if (source instanceof Asset && source.content.text !== undefined) {
      if ((await this.kind(target)) === "folder") {
        throw new UserError(`remotePath ${target} is a folder`, "a text asset needs the path of a file");
      }
      return this.write(Buffer.from(source.content.text), target);
    }
    const { path } = content;
    if (path === undefined) throw new UserError("source is neither a text, a local path nor a map of assets");
    const kind = await this.kind(target);
    if (!(await localStat(path)).isDirectory()) {
      return this.write(
        await readFile(path),
        kind === "folder" ? posix.join(target, basename(path)) : target,
      );
    }
    if (kind === "file") throw notAFolder(target);
    // As with rsync: a slash at the end means the folder's contents.
    await this.putFolder(path, path.endsWith("/") ? target : posix.join(target, basename(path)));
  }

  private async putFolder(path: string, target: string): Promise<void> {
    if ((await this.kind(target)) === "file") throw notAFolder(target);
    await this.makeFolder(target);
    for (const entry of await readdir(path, { withFileTypes: true })) {
      const [from, to] = [join(path, entry.name), posix.join(target, entry.name)];
      if (entry.isDirectory()) await this.putFolder(from, to);
      else await this.write(await readFile(from), to);
    }
  }

  private async write(content: Buffer, target: string): Promise<void> {
    await this.makeFolder(posix.dirname(target));
    await new Promise<void>((resolve, reject) => {
      const stream = this.sftp.createWriteStream(target);
      stream.on("error", (error: Error) =>
        reject(new UserError(`cannot write ${target} on the machine`, error.message)),
      );
      stream.on("close", () => resolve());
      stream.end(content);
    });
  }

  private async makeFolder(path: string): Promise<void> {
    const kind = await this.kind(path);
    if (kind === "folder" || path === "/" || path === ".") return;
    if (kind === "file") throw notAFolder(path);
    await this.makeFolder(posix.dirname(path));
    const mkdir: (path: string) => Promise<void> = promisify(this.sftp.mkdir.bind(this.sftp));
    try {
      await mkdir(path);
    } catch (error) {
      if ((await this.kind(path)) !== "folder") {
        throw new UserError(`cannot make the folder ${path} on the machine`, (error as Error).message);
      }
    }
  }

  private async kind(path: string): Promise<"file" | "folder" | undefined> {
    return new Promise((resolve, reject) => {
      this.sftp.stat(path, (error, stats) => {
        if (!error) resolve(stats.isDirectory() ? "folder" : "file");
        else if ((error as Error & { code?: number }).code === 2) resolve(undefined);
        else reject(new UserError(`cannot look at ${path} on the machine`, error.message));
      });
    });
  }
}

async function localStat(path: string): ReturnType<typeof stat> {
  try {
    return await stat(path);
  } catch (error) {
    throw new UserError(`source ${path} cannot be read`, (error as Error).message);
  }
}

function notAFolder(path: string): UserError {
  return new UserError(`${path} on the machine is no folder`);
}
