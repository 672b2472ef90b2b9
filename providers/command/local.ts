/**
 * `command:local:Command` and `command:local:run`: commands on this machine.
 * Specified by pulumi/pulumi-command: provider/pkg/provider/local.
 */
import type { CheckFailure } from "../rpc/check";
import type { FunctionType } from "../rpc/resource";
import { type PropertyMap, reveal } from "../rpc/values";
import { commandResource, printedSecrets } from "./commandResource";
import { type LocalProcess, runLocally } from "./localProcess";
import * as properties from "./properties";

export const localCommand = commandResource<LocalProcess>({
  properties: properties.localCommand,
  checkTogether: refuseFiles,
  run: runLocally,
});

export const localRun: FunctionType = {
  inputs: properties.localRunInputs,
  outputs: properties.localRunOutputs,
  secretOutputs: printedSecrets,
  async invoke(inputs, operation) {
    const [refused] = refuseFiles(inputs);
    if (refused) throw new Error(`${refused.property}: ${refused.reason}`);
    const opened = reveal(inputs) as unknown as LocalProcess & { readonly command: string };
    return { ...inputs, ...(await runLocally(opened.command, opened, {}, operation)) };
  },
};

function refuseFiles(inputs: PropertyMap): CheckFailure[] {
  return ["assetPaths", "archivePaths"]
    .filter((key) => inputs[key] !== undefined)
    .map((property) => ({
      property,
      reason:
        "is not supported by vmcluster's own command provider: install Pulumi's (pulumi plugin install resource command 1.2.1)",
    }));
}
