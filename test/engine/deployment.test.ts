import { parseDeployment, readSnapshot, writeDeployment } from "../../engine/deployment";
import { newState } from "../../engine/resourceState";
import { SecretsManager } from "../../engine/secrets";
import { type Json, Secret } from "../../engine/values";

const sig = "4dabf18193072939515e22adb298388d";
const secretSig = "1b47061264138c4ac30d75fd1eb44270";

test("a secret within a secret keeps its mark and is encrypted once, as the Pulumi CLI writes it", async () => {
  const secrets = await SecretsManager.create("p");
  const inputs = { connection: new Secret({ host: "h", privateKey: new Secret("key") }) };
  const state = newState({ urn: "urn:pulumi:dev::p::t:t:T::r", type: "t:t:T", custom: true, inputs });
  const written = writeDeployment(
    { resources: [state], pendingOperations: [] },
    { secrets, engineVersion: "v3.248.0" },
  );
  const json = written.deployment as { resources: { inputs: { connection: Record<string, string> } }[] };
  const outer = json.resources[0]?.inputs.connection ?? {};
  expect(outer[sig]).toBe(secretSig);
  const inner = JSON.parse(secrets.decrypt(outer.ciphertext ?? "")) as { privateKey: Record<string, string> };
  expect(inner.privateKey).toEqual({ [sig]: secretSig, ciphertext: '"key"' });

  const parsed = parseDeployment(written.deployment as Json, 3, [], "the state");
  expect(readSnapshot(parsed, secrets).resources[0]?.inputs).toEqual(inputs);
});
