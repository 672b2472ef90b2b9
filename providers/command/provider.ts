import type { Provider } from "../rpc/resource";
import { copyToRemote } from "./copyToRemote";
import { localCommand, localRun } from "./local";
import { remoteCommand } from "./remote";
import { SshConnections } from "./sshConnection";

/** Stands in for the plugin of @pulumi/command 1.2.1. */
export function commandProvider(): Provider {
  const connections = new SshConnections();
  return {
    name: "command",
    version: "1.2.1",
    frameworkVersion: "1.2.0",
    config: {},
    resources: {
      "command:local:Command": localCommand,
      "command:remote:Command": remoteCommand(connections),
      "command:remote:CopyToRemote": copyToRemote(connections),
    },
    functions: { "command:local:run": localRun },
    unsupported: ["command:remote:CopyFile"],
    close: () => connections.close(),
  };
}
